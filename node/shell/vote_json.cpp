#include "node/shell/vote_json.hpp"

namespace halfopen::node {
namespace {

using boost::json::object;

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
  out["voter"] = vote.voter.hex();
  out["time_ms"] = vote.time_milliseconds;
  return out;
}

object to_json(const SignedVote& vote, const VoteId& id) {
  object out = to_json(vote.vote, id);
  out["signature"] = format_hex(vote.signature);
  return out;
}

}  // namespace halfopen::node
