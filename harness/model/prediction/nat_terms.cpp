#include "harness/model/prediction/nat_terms.hpp"

#include "harness/model/prediction/attributes.hpp"

namespace halfopen {
namespace {

// A port that changes is a reset by the far kernel, which knows no such connection.
Forgotten forgotten_of(const std::string& word) {
  if (word == "rst" || word == "repick_new_port") return Forgotten::kReset;
  if (word == "repick_same_port") return Forgotten::kRevive;
  return Forgotten::kDrop;
}

}  // namespace

NatTerms read_nat_terms(const boost::json::object& attributes) {
  NatTerms terms;
  read_attribute(attributes, "idle_timeout", terms.idle_timeout);
  Duration unacked{0};
  read_attribute(attributes, "unacked_timeout", unacked);
  if (unacked > Duration{0}) terms.unacked_timeout = unacked;
  terms.by_bytes = word_attribute(attributes, "refresh_by", "segments") == "bytes";
  terms.on_expiry = word_attribute(attributes, "on_expiry", "none");
  const auto& sides = object_attribute(attributes, "on_next_packet");
  if (!sides.empty()) {
    terms.inside = forgotten_of(word_attribute(sides, "inside", "drop"));
    terms.outside = forgotten_of(word_attribute(sides, "outside", "drop"));
  } else {
    const std::string word = word_attribute(attributes, "on_next_packet", "drop");
    terms.inside = forgotten_of(word);
    if (word == "rst") terms.outside = Forgotten::kReset;
  }
  const std::string revive = word_attribute(attributes, "revive_by", "none");
  if (revive != "none" && !attributes.contains("on_next_packet")) {
    terms.inside = Forgotten::kRevive;
  }
  if (revive == "any") terms.outside = Forgotten::kRevive;
  return terms;
}

}  // namespace halfopen
