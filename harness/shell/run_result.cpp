#include "harness/shell/run_result.hpp"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <exception>

namespace halfopen {
namespace {

namespace json = boost::json;

json::array strings_to_json(const std::vector<std::string>& strings) {
  json::array array;
  for (const std::string& text : strings)
    array.emplace_back(text);
  return array;
}

std::vector<std::string> strings_from_json(const json::value& array) {
  std::vector<std::string> strings;
  for (const json::value& item : array.as_array())
    strings.emplace_back(item.as_string());
  return strings;
}

std::string text_at(const json::object& object, std::string_view key) {
  return std::string(object.at(key).as_string());
}

json::object expectation_to_json(const ExpectationResult& result) {
  return {{"id", result.id},
          {"verdict", static_cast<int>(result.verdict)},
          {"expected", result.expected},
          {"seen", result.seen},
          {"moment_ns", result.moment.nanoseconds()},
          {"evidence", strings_to_json(result.evidence)},
          {"kernel", result.kernel}};
}

ExpectationResult expectation_from_json(const json::object& object) {
  ExpectationResult result;
  result.id = text_at(object, "id");
  result.verdict = static_cast<Verdict>(object.at("verdict").to_number<int>());
  result.expected = text_at(object, "expected");
  result.seen = text_at(object, "seen");
  result.moment = Instant::from_nanoseconds(object.at("moment_ns").to_number<std::int64_t>());
  result.evidence = strings_from_json(object.at("evidence"));
  result.kernel = text_at(object, "kernel");
  return result;
}

json::object story_to_json(const DeathStory& story) {
  json::object object{{"sends", strings_to_json(story.sends)},
                      {"first_error", story.first_error},
                      {"second_error", story.second_error},
                      {"detected_by", story.detected_by},
                      {"detected_after_ns", story.detected_after.count()},
                      {"detected_before_vote", story.detected_before_vote},
                      {"votes_cast", story.votes_cast},
                      {"votes_lost", story.votes_lost},
                      {"idle_before_first_error_ns", story.idle_before_first_error.count()},
                      {"evidence", strings_to_json(story.evidence)}};
  if (story.recovered_after) object["recovered_after_ns"] = story.recovered_after->count();
  return object;
}

DeathStory story_from_json(const json::object& object) {
  DeathStory story;
  story.sends = strings_from_json(object.at("sends"));
  story.first_error = text_at(object, "first_error");
  story.second_error = text_at(object, "second_error");
  story.detected_by = text_at(object, "detected_by");
  story.detected_after = Duration{object.at("detected_after_ns").to_number<std::int64_t>()};
  story.detected_before_vote = object.at("detected_before_vote").as_bool();
  story.votes_cast = object.at("votes_cast").to_number<unsigned>();
  story.votes_lost = object.at("votes_lost").to_number<unsigned>();
  story.idle_before_first_error =
      Duration{object.at("idle_before_first_error_ns").to_number<std::int64_t>()};
  story.evidence = strings_from_json(object.at("evidence"));
  if (const auto* recovered = object.if_contains("recovered_after_ns")) {
    story.recovered_after = Duration{recovered->to_number<std::int64_t>()};
  }
  return story;
}

}  // namespace

std::string full_name(const RunResult& result) {
  if (result.repetition == 0) return result.run_id;
  return result.run_id + "#" + std::to_string(result.repetition + 1);
}

json::object to_json(const RunResult& result) {
  json::array expectations;
  for (const ExpectationResult& expectation : result.expectations) {
    expectations.push_back(expectation_to_json(expectation));
  }
  json::object object{{"type", "result"},
                      {"run", result.run_id},
                      {"verdict", static_cast<int>(result.verdict)},
                      {"verdict_name", verdict_name(result.verdict)},
                      {"reason", result.reason},
                      {"bad_input", result.bad_input},
                      {"internal_error", result.internal_error},
                      {"stalled", result.stalled},
                      {"expectations", std::move(expectations)},
                      {"note", result.note},
                      {"predictions", result.predictions},
                      {"mispredictions", strings_to_json(result.mispredictions)},
                      {"seconds", result.seconds}};
  if (result.story) object["story"] = story_to_json(*result.story);
  return object;
}

Result<RunResult> run_result_from_json(const json::object& object) {
  try {
    RunResult result;
    result.run_id = text_at(object, "run");
    result.verdict = static_cast<Verdict>(object.at("verdict").to_number<int>());
    result.reason = text_at(object, "reason");
    result.bad_input = object.at("bad_input").as_bool();
    result.internal_error = object.at("internal_error").as_bool();
    result.stalled = object.at("stalled").as_bool();
    for (const json::value& item : object.at("expectations").as_array()) {
      result.expectations.push_back(expectation_from_json(item.as_object()));
    }
    if (const auto* story = object.if_contains("story")) {
      result.story = story_from_json(story->as_object());
    }
    result.note = text_at(object, "note");
    result.predictions = object.at("predictions").to_number<unsigned>();
    result.mispredictions = strings_from_json(object.at("mispredictions"));
    result.seconds = object.at("seconds").to_number<double>();
    return result;
  } catch (const std::exception& error) {
    return Problem{"a worker sent an unreadable result: ", error.what()};
  }
}

}  // namespace halfopen
