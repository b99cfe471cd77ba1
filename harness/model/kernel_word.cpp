#include "harness/model/kernel_word.hpp"

#include <array>
#include <boost/json/value.hpp>
#include <cstdint>

#include "harness/model/judge_evidence.hpp"

namespace halfopen {
namespace {

// What is written in the same turn of an event loop as what decided.
constexpr Duration kJustAfter = std::chrono::milliseconds(50);

std::string errors_of(const Event& event) {
  std::string text;
  for (const char* field : {"errno", "second_errno", "so_error"}) {
    const std::string error = event.text(field);
    if (error.empty() || error == "OK") continue;
    text += (text.empty() ? "" : ", then ") + error;
  }
  const std::string result = event.event == "send" ? event.text("result") : "";
  if (text.empty() && result != "OK") text = result;
  return text;
}

std::string tcp_info_of(const Event& event) {
  const boost::json::value* value = event.fields.if_contains("tcp_info");
  if (value == nullptr || !value->is_object()) return "";
  const boost::json::object& info = value->get_object();
  const boost::json::value* state = info.if_contains("state");
  std::string line = "TCP_INFO";
  if (state != nullptr && state->is_string()) line += " " + std::string(state->get_string());
  // Data on its way that nobody acknowledges, probes without an answer, and how long ago anything
  // came: what tells the kinds of death apart.
  constexpr std::array kTelling{"unacked", "retransmits",       "backoff",
                                "probes",  "last_data_recv_ms", "last_ack_recv_ms"};
  for (const char* field : kTelling) {
    const boost::json::value* number = info.if_contains(field);
    if (number == nullptr || !number->is_number()) continue;
    boost::system::error_code not_a_number;
    const auto text = std::to_string(number->to_number<std::int64_t>(not_a_number));
    if (!not_a_number) line += std::string(" ") + field + "=" + text;
  }
  return line;
}

bool is_of_an_end(const Event& event) {
  return event.event == "connection_closed" || event.event == "send" ||
         (event.event == "transition" && event.text("to") != "Healthy");
}

}  // namespace

std::string kernel_word(const RunRecord& record, Instant moment) {
  const Event* last = nullptr;
  for (const Event& event : record.events) {
    if (event.at > moment + kJustAfter) break;
    const bool speaks = !errors_of(event).empty() || !tcp_info_of(event).empty();
    if (!speaks || event.text("peer").empty()) continue;
    if (last == nullptr || is_of_an_end(event) || !is_of_an_end(*last)) last = &event;
  }
  if (last == nullptr) return "";
  std::string said = errors_of(*last);
  const std::string info = tcp_info_of(*last);
  if (!info.empty()) said += (said.empty() ? "" : "; ") + info;
  return last->node + " to " + last->text("peer") + ", " + time_text(last->at, record.whole.begin) +
         ": " + said;
}

}  // namespace halfopen
