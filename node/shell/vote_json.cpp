#include "node/shell/vote_json.hpp"

#include <limits>

namespace halfopen::node {
namespace {

using boost::json::object;

Result<std::string> text_of(const object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  if (value == nullptr || !value->is_string()) return Problem{"\"", key, "\" must be a string"};
  return std::string(value->get_string());
}

Result<std::uint64_t> number_of(const object& from, std::string_view key, std::uint64_t max) {
  const auto* value = from.if_contains(key);
  boost::system::error_code error;
  const auto number = value == nullptr ? 0 : value->to_number<std::uint64_t>(error);
  if (value == nullptr || error || number > max) {
    return Problem{"\"", key, "\" must be a whole number, at most ", std::to_string(max)};
  }
  return number;
}

}  // namespace

object to_json(const Vote& vote, const VoteId& id) {
  object out;
  out["id"] = id.hex();
  out["network"] = vote.network;
  out["height"] = vote.height;
  out["round"] = vote.round;
  out["kind"] = name_of(vote.kind);
  if (vote.choice) {
    out["choice"] = vote.choice->hex();
  } else {
    out["choice"] = nullptr;
  }
  out["voter"] = vote.voter;
  out["time_ms"] = vote.time_milliseconds;
  return out;
}

Result<Vote> vote_from_json(const object& from) {
  Vote vote;
  HALFOPEN_TRY(id, text_of(from, "id"));
  HALFOPEN_TRY(network, text_of(from, "network"));
  HALFOPEN_TRY(voter, text_of(from, "voter"));
  HALFOPEN_TRY(kind_name, text_of(from, "kind"));
  HALFOPEN_TRY(height, number_of(from, "height", std::numeric_limits<std::uint64_t>::max()));
  HALFOPEN_TRY(round, number_of(from, "round", std::numeric_limits<std::uint32_t>::max()));
  HALFOPEN_TRY(time, number_of(from, "time_ms", std::numeric_limits<std::int64_t>::max()));
  const auto kind = vote_kind_of(kind_name);
  if (!kind) return Problem{"\"kind\" must be prevote or precommit"};
  const auto* choice = from.if_contains("choice");
  if (choice != nullptr && choice->is_string()) {
    vote.choice = Choice::from_hex(choice->get_string());
  }
  if (choice == nullptr || (!choice->is_null() && !vote.choice)) {
    return Problem{"\"choice\" must be null or 64 hexadecimal digits"};
  }
  vote.network = std::move(network);
  vote.voter = std::move(voter);
  vote.height = height;
  vote.round = static_cast<std::uint32_t>(round);
  vote.kind = *kind;
  vote.time_milliseconds = static_cast<std::int64_t>(time);
  if (id_of(vote).hex() != id) return Problem{"\"id\" is not this vote's"};
  return vote;
}

}  // namespace halfopen::node
