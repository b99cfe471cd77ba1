// A run as a picture: lanes of states, bands of faults, votes as bars, metrics as lines, and the
// sentences that say what died, of what, and what healed it. The HTML report draws exactly this;
// the same facts are there as text for who cannot see it.
//
// Pure: a Scenario and what was observed go in, data comes out. Times are milliseconds since the
// run's start. Everything is bounded (kSpansMax and the like); what is left out is counted.
#pragma once

#include <boost/json/object.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/prediction/comparison.hpp"
#include "harness/model/record.hpp"
#include "harness/model/scenario.hpp"
#include "harness/model/verdict.hpp"

namespace halfopen {

// One state, from when to when.
struct LaneSpan {
  std::string state;  // vote-node's own name: Healthy, Backoff, ...; Down; mapped, forgotten, ...
  double begin_ms = 0;
  double end_ms = 0;
  std::string reason;  // what brought the state
};

// Something that happened at one moment.
struct LaneMark {
  double at_ms = 0;
  std::string kind;  // died, healed, error, expired, drop, reset, revived, fault, trouble
  std::string text;
};

struct Lane {
  enum class Kind { kEnd, kPath } kind = Kind::kEnd;
  std::string title;  // "n1 to n2", "between"
  std::string link;
  std::string node;
  std::string peer;
  std::vector<LaneSpan> spans;
  std::vector<LaneSpan> half_open;  // the connection is dead and this end does not know
  std::vector<LaneMark> marks;
};

// A fault while it lasts, across the lanes of its link or of its node.
struct FaultBand {
  std::string name;  // "cut", or its type: "blackhole"
  std::string type;
  std::string text;  // "everything is swallowed"
  std::string link;  // empty: every link of `node`
  std::string node;
  double begin_ms = 0;
  double end_ms = 0;
};

struct StepMark {
  std::string id;
  std::string text;  // "idle for 5 s"
  double begin_ms = 0;
  double end_ms = 0;
};

// A vote's way to one peer.
struct VoteMark {
  std::string vote;  // shortened
  std::string from;
  std::string to;
  double cast_ms = 0;
  std::optional<double> stored_ms;
  std::optional<double> acked_ms;
  unsigned sends = 0;
  std::string fate;  // acked, stored (no ACK came back), lost
};

// How one end learnt of a death.
struct Finding {
  std::string node;
  std::optional<double> at_ms;  // nothing: it believed in the connection to the run's end
  std::string by;               // the transition's reason
  std::string error;            // errno name; "" for none
};

// The end of one connection that nobody wanted.
struct Death {
  std::string link;
  std::string dialer;
  std::string listener;
  double died_ms = 0;
  std::string cause;  // "NAT mapping expired"
  bool is_silent = false;
  std::vector<Finding> findings;  // at least one; who found it first comes first. An end whose own
                                  // process went down has none
  std::optional<double> healed_ms;
  std::string healed_by;
  std::string sentence;
};

struct PlotSeries {
  std::string label;
  std::vector<double> times_ms;
  std::vector<std::optional<double>> values;  // nothing: the series was gone
};

struct Plot {
  std::string metric;
  std::vector<std::string> because;  // the expectations that name it
  std::vector<PlotSeries> series;
  std::size_t series_left_out = 0;
};

// What a verdict points at.
struct ExpectationMoment {
  ExpectationResult result;
  std::optional<double> moment_ms;
  std::optional<double> begin_ms;  // of its window
  std::optional<double> end_ms;
};

struct ShownLogLine {
  double at_ms = 0;
  std::string text;
};

// Prediction beside measurement, for one end of a link.
struct MeasuredEnd {
  EndPrediction predicted;
  std::vector<PredictionRow> rows;  // none where nothing certain was predicted
};

struct LinkPicture {
  std::string id;
  std::string dialer;
  std::string listener;
  std::string summary;  // "NAT: forgets after 3 s idle, then drops"
};

struct Timeline {
  std::string headline;  // the deaths and the votes in one go
  std::string votes_said;
  double duration_ms = 0;
  std::vector<LinkPicture> links;
  std::vector<StepMark> steps;
  std::vector<FaultBand> bands;
  std::vector<Lane> lanes;
  std::vector<VoteMark> votes;
  std::vector<Death> deaths;
  std::vector<Plot> plots;
  std::vector<ExpectationMoment> expectations;
  std::optional<std::vector<MeasuredEnd>> predictions;  // nothing: was not predicted
  std::vector<ShownLogLine> log;
  std::vector<std::string> left_out;  // "12 votes", where a bound was met
};

inline constexpr std::size_t kLaneSpansMax = 2000;
inline constexpr std::size_t kLaneMarksMax = 500;
inline constexpr std::size_t kVoteMarksMax = 600;
inline constexpr std::size_t kPlotsMax = 16;
inline constexpr std::size_t kPlotSeriesMax = 12;
inline constexpr std::size_t kPlotPointsMax = 600;
inline constexpr std::size_t kLogLinesMax = 600;

// `prediction` may be null: the picture then says that nothing was predicted.
[[nodiscard]] Timeline build_timeline(const Scenario& scenario, const RunRecord& record,
                                      const std::vector<ExpectationResult>& results,
                                      const Prediction* prediction);

[[nodiscard]] boost::json::object to_json(const Timeline& timeline);

}  // namespace halfopen
