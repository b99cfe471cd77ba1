// A timeline as JSON: what timeline.json holds and harness/report reads. A time that is not known
// is null.
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_from.hpp>

#include "harness/model/timeline/timeline.hpp"

namespace halfopen {
namespace {

namespace json = boost::json;

json::value number_or_null(const std::optional<double>& number) {
  return number ? json::value(*number) : json::value(nullptr);
}

template <class Item, class Convert>
json::array each(const std::vector<Item>& items, Convert convert) {
  json::array array;
  array.reserve(items.size());
  for (const Item& item : items)
    array.push_back(convert(item));
  return array;
}

json::array strings(const std::vector<std::string>& texts) {
  return each(texts, [](const std::string& text) { return json::value(text); });
}

json::value span_json(const LaneSpan& span) {
  return json::object{{"state", span.state},
                      {"begin", span.begin_ms},
                      {"end", span.end_ms},
                      {"reason", span.reason}};
}

json::value lane_json(const Lane& lane) {
  return json::object{
      {"kind", lane.kind == Lane::Kind::kEnd ? "end" : "path"},
      {"title", lane.title},
      {"link", lane.link},
      {"node", lane.node},
      {"peer", lane.peer},
      {"spans", each(lane.spans, span_json)},
      {"half_open", each(lane.half_open, span_json)},
      {"marks", each(lane.marks, [](const LaneMark& mark) -> json::value {
         return json::object{{"at", mark.at_ms}, {"kind", mark.kind}, {"text", mark.text}};
       })}};
}

json::value band_json(const FaultBand& band) {
  return json::object{{"name", band.name}, {"type", band.type}, {"text", band.text},
                      {"link", band.link}, {"node", band.node}, {"begin", band.begin_ms},
                      {"end", band.end_ms}};
}

json::value vote_json(const VoteMark& vote) {
  return json::object{{"vote", vote.vote},
                      {"from", vote.from},
                      {"to", vote.to},
                      {"cast", vote.cast_ms},
                      {"stored", number_or_null(vote.stored_ms)},
                      {"acked", number_or_null(vote.acked_ms)},
                      {"sends", vote.sends},
                      {"fate", vote.fate}};
}

json::value finding_json(const Finding& finding) {
  return json::object{{"node", finding.node},
                      {"at", number_or_null(finding.at_ms)},
                      {"by", finding.by},
                      {"error", finding.error}};
}

json::value death_json(const Death& death) {
  return json::object{{"link", death.link},
                      {"dialer", death.dialer},
                      {"listener", death.listener},
                      {"died", death.died_ms},
                      {"cause", death.cause},
                      {"silent", death.is_silent},
                      {"findings", each(death.findings, finding_json)},
                      {"healed", number_or_null(death.healed_ms)},
                      {"healed_by", death.healed_by},
                      {"sentence", death.sentence}};
}

json::value series_json(const PlotSeries& series) {
  json::array times;
  for (const double time : series.times_ms)
    times.push_back(time);
  return json::object{{"label", series.label},
                      {"times", std::move(times)},
                      {"values", each(series.values, number_or_null)}};
}

json::value plot_json(const Plot& plot) {
  return json::object{{"metric", plot.metric},
                      {"because", strings(plot.because)},
                      {"series", each(plot.series, series_json)},
                      {"series_left_out", plot.series_left_out}};
}

json::value expectation_json(const ExpectationMoment& expectation) {
  const ExpectationResult& result = expectation.result;
  return json::object{{"id", result.id},
                      {"verdict", verdict_name(result.verdict)},
                      {"expected", result.expected},
                      {"seen", result.seen},
                      {"evidence", strings(result.evidence)},
                      {"moment", number_or_null(expectation.moment_ms)},
                      {"begin", number_or_null(expectation.begin_ms)},
                      {"end", number_or_null(expectation.end_ms)}};
}

json::value row_json(const PredictionRow& row) {
  return json::object{{"what", row.what},
                      {"predicted", row.predicted},
                      {"measured", row.measured},
                      {"agrees", row.agrees}};
}

json::value measured_json(const MeasuredEnd& end) {
  return json::object{{"link", end.predicted.link},
                      {"node", end.predicted.node},
                      {"peer", end.predicted.peer},
                      {"fate", to_text(end.predicted.fate)},
                      {"why", end.predicted.why},
                      {"story", strings(end.predicted.story)},
                      {"warnings", strings(end.predicted.warnings)},
                      {"rows", each(end.rows, row_json)}};
}

json::value step_json(const StepMark& step) {
  return json::object{
      {"id", step.id}, {"text", step.text}, {"begin", step.begin_ms}, {"end", step.end_ms}};
}

json::value link_json(const LinkPicture& link) {
  return json::object{{"id", link.id},
                      {"dialer", link.dialer},
                      {"listener", link.listener},
                      {"summary", link.summary}};
}

}  // namespace

json::object to_json(const Timeline& timeline) {
  json::object object{{"headline", timeline.headline},
                      {"votes_said", timeline.votes_said},
                      {"duration", timeline.duration_ms},
                      {"links", each(timeline.links, link_json)},
                      {"steps", each(timeline.steps, step_json)},
                      {"bands", each(timeline.bands, band_json)},
                      {"lanes", each(timeline.lanes, lane_json)},
                      {"votes", each(timeline.votes, vote_json)},
                      {"deaths", each(timeline.deaths, death_json)},
                      {"plots", each(timeline.plots, plot_json)},
                      {"expectations", each(timeline.expectations, expectation_json)},
                      {"prediction", nullptr},
                      {"log", each(timeline.log,
                                   [](const ShownLogLine& line) -> json::value {
                                     return json::object{{"at", line.at_ms}, {"text", line.text}};
                                   })},
                      {"left_out", strings(timeline.left_out)}};
  if (timeline.predictions) object["prediction"] = each(*timeline.predictions, measured_json);
  return object;
}

}  // namespace halfopen
