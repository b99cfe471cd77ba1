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

// Any value of the field's own type, and nothing else: what to_json can write must be readable, or
// a vote that was stored once would keep the node from starting ever again.
template <class Number>
Result<Number> number_of(const object& from, std::string_view key) {
  const auto* value = from.if_contains(key);
  boost::system::error_code error;
  const auto number = value == nullptr ? Number{0} : value->to_number<Number>(error);
  if (value == nullptr || error) {
    return Problem{"\"",
                   key,
                   "\" must be a whole number from ",
                   std::to_string(std::numeric_limits<Number>::min()),
                   " to ",
                   std::to_string(std::numeric_limits<Number>::max())};
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
  HALFOPEN_TRY(height, number_of<decltype(vote.height)>(from, "height"));
  HALFOPEN_TRY(round, number_of<decltype(vote.round)>(from, "round"));
  HALFOPEN_TRY(time, number_of<decltype(vote.time_milliseconds)>(from, "time_ms"));
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
  vote.round = round;
  vote.kind = *kind;
  vote.time_milliseconds = time;
  if (id_of(vote).hex() != id) return Problem{"\"id\" is not this vote's"};
  return vote;
}

}  // namespace halfopen::node
