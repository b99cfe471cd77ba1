#include "harness/model/advice/advice_text.hpp"

#include <boost/json/array.hpp>

#include "base/duration_text.hpp"

namespace halfopen {
namespace {

std::string text(Duration duration) {
  return format_duration(duration);
}

}  // namespace

std::string advice_yaml(const NodeDefences& has) {
  return "preset: resilient\n"
         "keepalive:    {enabled: true, idle: " +
         text(has.keepalive.idle) + ", interval: " + text(has.keepalive.interval) +
         ", count: " + std::to_string(has.keepalive.count) +
         "}\n"
         "user_timeout: {enabled: true, timeout: " +
         text(has.user_timeout.timeout) +
         "}\n"
         "ping:         {enabled: true, interval: " +
         text(has.ping.interval) + ", timeout: " + text(has.ping.timeout) +
         "}\n"
         "reconnect:    {enabled: true, backoff_min: " +
         text(has.reconnect.backoff_min) + ", backoff_max: " + text(has.reconnect.backoff_max) +
         ", dial_timeout: " + text(has.reconnect.dial_timeout) +
         "}\n"
         "retry:        {enabled: true, ack_deadline: " +
         text(has.retry.ack_deadline) +
         "}\n"
         "watch_idle: true\n"
         "writes_per_frame: 1\n";
}

boost::json::object config_of(const NodeDefences& has) {
  return {{"preset", "resilient"},
          {"keepalive",
           {{"enabled", true},
            {"idle", text(has.keepalive.idle)},
            {"interval", text(has.keepalive.interval)},
            {"count", has.keepalive.count}}},
          {"user_timeout", {{"enabled", true}, {"timeout", text(has.user_timeout.timeout)}}},
          {"ping",
           {{"enabled", true},
            {"interval", text(has.ping.interval)},
            {"timeout", text(has.ping.timeout)}}},
          {"reconnect",
           {{"enabled", true},
            {"backoff_min", text(has.reconnect.backoff_min)},
            {"backoff_max", text(has.reconnect.backoff_max)},
            {"dial_timeout", text(has.reconnect.dial_timeout)}}},
          {"retry", {{"enabled", true}, {"ack_deadline", text(has.retry.ack_deadline)}}},
          {"watch_idle", true},
          {"writes_per_frame", 1}};
}

std::string advice_text(const Advice& advice) {
  std::string out = "Path:";
  if (advice.path.empty()) out += " no middlebox is named";
  out += "\n";
  for (const PathBox& box : advice.path) {
    out += "  " + box.name + ": forgets after " + text(box.terms.idle_timeout) + " without " +
           (box.terms.by_bytes ? "bytes" : "packets") + " (" + box.source + ")\n";
  }
  out += "A death is to be found within " + text(advice.detect_within) + ".\n\n";
  for (const AdvisedValue& value : advice.values) {
    out += "  " + value.key + ": " + value.value + "\n      " + value.reason +
           "\n      source: " + value.source + "\n";
  }
  if (!advice.cautions.empty()) out += "\n";
  for (const std::string& caution : advice.cautions)
    out += "  caution: " + caution + "\n";
  out += "\nvote-node:\n\n" + advice_yaml(advice.defences) + "\nOther programs:\n";
  for (const auto& [what, lines] : advice_elsewhere(advice.defences)) {
    out += "\n# ";
    out += what;
    out += "\n";
    out += lines;
  }
  out += "\nSet keep-alive on the socket that faces the box: on another hop it has no effect.\n";
  return out;
}

boost::json::object to_json(const Advice& advice) {
  boost::json::array path;
  for (const PathBox& box : advice.path) {
    path.push_back(boost::json::object{{"name", box.name},
                                       {"idle_timeout_seconds", to_seconds(box.terms.idle_timeout)},
                                       {"counts_bytes", box.terms.by_bytes},
                                       {"source", box.source},
                                       {"caution", box.caution}});
  }
  boost::json::array values;
  for (const AdvisedValue& value : advice.values) {
    values.push_back(boost::json::object{{"key", value.key},
                                         {"value", value.value},
                                         {"reason", value.reason},
                                         {"source", value.source}});
  }
  boost::json::array cautions;
  for (const std::string& caution : advice.cautions)
    cautions.emplace_back(boost::json::string(caution));
  boost::json::object elsewhere;
  for (const auto& [what, lines] : advice_elsewhere(advice.defences))
    elsewhere[what] = lines;
  return {{"path", std::move(path)},
          {"detect_within_seconds", to_seconds(advice.detect_within)},
          {"values", std::move(values)},
          {"cautions", std::move(cautions)},
          {"vote_node", config_of(advice.defences)},
          {"elsewhere", std::move(elsewhere)}};
}

}  // namespace halfopen
