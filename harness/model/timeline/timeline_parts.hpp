// The parts that build_timeline puts together, each a function of the scenario and the record.
#pragma once

#include <string>
#include <vector>

#include "harness/model/timeline/timeline.hpp"

namespace halfopen::timeline {

// A finding this soon after its cause was not silence but being told.
inline constexpr Duration kAtOnce = std::chrono::milliseconds(150);

struct Source {
  const Scenario& scenario;
  const RunRecord& record;

  [[nodiscard]] double milliseconds(Instant at) const;
  // Never outside the run: a picture has edges.
  [[nodiscard]] double clamped(Instant at) const;
  [[nodiscard]] double duration_ms() const { return milliseconds(record.whole.end); }
};

[[nodiscard]] bool is_vote_node(const Scenario& scenario, const std::string& name);
// A middlebox's events of this link; the kernel world calls it by the same name.
[[nodiscard]] bool is_of_link(const Event& event, const LinkSpec& link);

[[nodiscard]] std::vector<StepMark> find_steps(const Source& source);
[[nodiscard]] std::vector<FaultBand> find_bands(const Source& source);
[[nodiscard]] std::vector<LinkPicture> find_links(const Source& source);
// "the path swallows everything": a fault type as a person says it.
[[nodiscard]] std::string fault_words(const FaultSpec& fault);

[[nodiscard]] std::vector<Lane> find_lanes(const Source& source,
                                           const std::vector<FaultBand>& bands,
                                           std::vector<std::string>& left_out);
[[nodiscard]] std::vector<VoteMark> find_votes(const Source& source,
                                               std::vector<std::string>& left_out);
[[nodiscard]] std::vector<Death> find_deaths(const Source& source,
                                             const std::vector<FaultBand>& bands);
[[nodiscard]] std::string sentence_of(const Death& death);
// Draws each death into the lanes of its link: died, found, healed, and the time between.
void mark_deaths(const std::vector<Death>& deaths, double duration_ms, std::vector<Lane>& lanes);
// "2 of 3 votes from n1 to n2 lost."
[[nodiscard]] std::string tell_votes(const Source& source);
[[nodiscard]] std::string make_headline(const std::vector<Death>& deaths, const std::string& votes);

[[nodiscard]] std::vector<Plot> find_plots(const Source& source,
                                           std::vector<std::string>& left_out);
[[nodiscard]] std::vector<ExpectationMoment> find_moments(
    const Source& source, const std::vector<ExpectationResult>& results);
[[nodiscard]] std::vector<MeasuredEnd> compare_prediction(const Source& source,
                                                          const Prediction& prediction);
[[nodiscard]] std::vector<ShownLogLine> find_log(const Source& source, const Timeline& timeline,
                                                 std::vector<std::string>& left_out);

}  // namespace halfopen::timeline
