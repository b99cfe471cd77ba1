// "What should I set?": numbers for keep-alive, user timeout, ping, acknowledgements and dialling
// on a path through known middleboxes, each with its reason and its source.
//
// The path's strictest box decides. What is advised is held against the prediction: a scenario with
// these numbers on that path survives its idle times and draws no warning.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "harness/model/prediction/defences.hpp"
#include "harness/model/prediction/nat_terms.hpp"
#include "harness/model/scenario.hpp"
#include "profiles/profiles.hpp"

namespace halfopen {

// A middlebox of the path.
struct PathBox {
  std::string name;     // "aws-nlb", "nat of link n1-n2"
  std::string source;   // where its numbers are from
  std::string caution;  // hearsay, what is assumed; may be ""
  NatTerms terms;
};
[[nodiscard]] PathBox path_box(const Profile& profile);
// A box of which only its idle timeout is known: that packets refresh it, and that it drops in
// silence what it has forgotten, is assumed, and said.
[[nodiscard]] PathBox path_box(Duration idle_timeout);
// The nats of a scenario's links, each attribute set once.
[[nodiscard]] std::vector<PathBox> path_boxes(const Scenario& scenario);

struct AdvisedValue {
  std::string key;    // "keepalive.idle"
  std::string value;  // "15s"
  std::string reason;
  std::string source;
};

struct Advice {
  std::vector<PathBox> path;
  Duration detect_within{};
  NodeDefences defences;
  std::vector<AdvisedValue> values;
  std::vector<std::string> cautions;
};

inline constexpr Duration kDetectWithinDefault = std::chrono::seconds(30);
inline constexpr Duration kDetectWithinMin = std::chrono::seconds(4);

// A Problem for a detection time below kDetectWithinMin, since keep-alive counts whole seconds, or
// for a box that forgets faster than keep-alive can step.
[[nodiscard]] Result<Advice> advise(std::vector<PathBox> path, Duration detect_within);

}  // namespace halfopen
