#include "harness/model/triage/conntrack_lines.hpp"

#include <algorithm>

namespace halfopen {
namespace {

constexpr std::size_t kFlowsMax = 1000;

std::string value_of(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return "";
  const std::string_view rest = line.substr(at + key.size());
  std::string value(rest.substr(0, std::min(rest.find(' '), std::size_t{45})));
  // What a terminal would obey is no address.
  for (char& c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) c = '?';
  }
  return value;
}

bool has(std::string_view line, std::string_view word) {
  return line.find(word) != std::string_view::npos;
}

}  // namespace

std::optional<ConntrackLines::Event> ConntrackLines::read(std::string_view line) {
  const bool is_end = has(line, "[destroy]");
  if ((!is_end && !has(line, "[update]") && !has(line, "[new]")) || !has(line, " tcp ")) {
    return std::nullopt;
  }
  Event event;
  event.flow = value_of(line, " src=") + ":" + value_of(line, " sport=") + "->" +
               value_of(line, " dst=") + ":" + value_of(line, " dport=");
  const auto known = is_established_.find(event.flow);
  const bool names_end = has(line, "_wait") || has(line, "last_ack") || has(line, " close ");
  const bool is_up = has(line, " established ");
  if (is_end) {
    const bool was_up = known != is_established_.end() && known->second;
    event.was_forgotten = !names_end && (is_up || was_up);
    if (known != is_established_.end()) is_established_.erase(known);
  } else if (known != is_established_.end() || is_established_.size() < kFlowsMax) {
    is_established_[event.flow] = is_up;
  }
  return event;
}

}  // namespace halfopen
