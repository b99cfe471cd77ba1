#include "harness/model/triage/packet_lines.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

namespace halfopen {
namespace {

constexpr std::size_t kFlowsMax = 1000;
constexpr std::size_t kNameMax = 80;
// Two of the same are a lost segment; the fourth says that nobody answers.
constexpr unsigned kRepeatsMin = 3;
// "tcpdump -ni any" prints a packet once for each veth, bridge and card that it crosses, within
// microseconds; a kernel retransmits after 200 ms or more. Probes of keep-alive are whole seconds
// apart, so what comes closer is another kind of ACK.
constexpr Duration kCopyMax = std::chrono::milliseconds(150);
constexpr Duration kProbeGapMin = std::chrono::milliseconds(900);

std::string value_behind(std::string_view line, std::string_view key) {
  const std::size_t at = line.find(key);
  if (at == std::string_view::npos) return "";
  const std::string_view rest = line.substr(at + key.size());
  return std::string(rest.substr(0, std::min(rest.find_first_of(", ]"), std::size_t{30})));
}

// What a terminal would obey is no name.
std::string shown_name(std::string_view word) {
  std::string name(word.substr(0, kNameMax));
  for (char& c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f) c = '?';
  }
  return name;
}

std::string upper(std::string_view flags) {
  std::string text(flags);
  for (char& c : text)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

// A SYN that is no answer; "sew" asks for ECN as well.
bool is_syn(std::string_view flags) {
  return flags.starts_with('s') && flags.find('.') == std::string_view::npos;
}

}  // namespace

std::optional<PacketLines::Packet> PacketLines::parse(std::string_view line) {
  constexpr std::string_view kFlags = ": flags [";
  const std::size_t flags = line.find(kFlags);
  // The last one: "-e" has an arrow between hardware addresses before it.
  const std::size_t arrow = line.substr(0, flags).rfind(" > ");
  if (flags == std::string_view::npos || arrow == std::string_view::npos || arrow > flags ||
      arrow == 0) {
    return std::nullopt;
  }
  Packet packet;
  const std::size_t before = line.rfind(' ', arrow - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  packet.source = shown_name(line.substr(begin, arrow - begin));
  packet.destination = shown_name(line.substr(arrow + 3, flags - arrow - 3));
  const std::string_view rest = line.substr(flags + kFlags.size());
  packet.flags = std::string(rest.substr(0, std::min(rest.find(']'), std::size_t{8})));
  packet.sequence = value_behind(rest, " seq ");
  // A keep-alive probe repeats both; an ACK that opens the window does not.
  packet.acknowledged = value_behind(rest, " ack ") + " " + value_behind(rest, " win ");
  // A SACK tells of data that came, and a shut window answers what asks whether it is open.
  const bool has_sack = rest.find("sack ") != std::string_view::npos;
  packet.shows_life = has_sack || value_behind(rest, " win ") == "0";
  const std::string length = value_behind(rest, " length ");
  (void)std::from_chars(length.data(), length.data() + length.size(), packet.length);
  return packet;
}

// The same bytes, the same SYN or the same probe again and again, with nothing from the other side
// between.
void PacketLines::note_repeat(const Packet& packet, Flow& flow, std::vector<PacketClue>& clues) {
  const bool is_dial = is_syn(packet.flags);
  const bool is_bare = packet.flags == "." && packet.length == 0;
  const bool is_probe = is_bare && !packet.shows_life;
  const std::string sequence = is_probe ? packet.acknowledged : packet.sequence;
  const bool counts = packet.length > 0 || is_dial || is_probe;
  if (!counts || packet.source != flow.last_sender || sequence != flow.last_sequence) {
    flow.repeats = 0;
    flow.is_unanswered = false;
    flow.last_sender = packet.source;
    flow.last_sequence = sequence;
    flow.last_counted = packet.at;
    return;
  }
  const bool is_timed = packet.at.has_value() && flow.last_counted.has_value();
  const Duration gap_min = is_probe ? kProbeGapMin : kCopyMax;
  if (!is_timed || *packet.at - *flow.last_counted < gap_min) return;
  flow.last_counted = packet.at;
  const unsigned enough = packet.length > 0 ? kRepeatsMin : kRepeatsMin - 1;
  if (++flow.repeats != enough) return;
  flow.is_unanswered = true;
  clues.push_back({is_dial ? ClueKind::kDialTimeout : ClueKind::kRetransmits,
                   "the same segment " + std::to_string(enough + 1) + " times, no answer", "", ""});
}

// A reset refuses a dial, tells that nobody had read a FIN, or comes out of nothing.
void PacketLines::note_reset(const Packet& packet, const std::string& shown, Flow& flow,
                             std::vector<PacketClue>& clues) {
  const bool is_dial = !flow.dialer.empty() && packet.source != flow.dialer;
  // Who was not answered gives up with a reset of its own, which is no news.
  const bool gives_up = flow.is_unanswered && packet.source == flow.last_sender;
  if (is_dial) {
    clues.push_back({ClueKind::kRefused, shown, "", ""});
  } else if (!flow.closer.empty()) {
    // The close came before: the reset only says that nobody had read it. A side that answers a
    // FIN with a reset of its own, and had nothing more to say, has only closed in a hurry.
    const bool was_unread = flow.went_on || packet.source == flow.closer;
    if (!flow.is_closed && was_unread && !gives_up) {
      clues.push_back({ClueKind::kEof, flow.fin_words, "", ""});
    }
    flow.is_closed = true;
  } else if (!flow.was_reset && !gives_up) {
    clues.push_back({ClueKind::kReset, shown, "", ""});
  }
  flow.was_reset = true;
  flow.dialer.clear();
}

void PacketLines::note(const Packet& packet, Flow& flow, std::vector<PacketClue>& clues) {
  const auto has = [&](char flag) { return packet.flags.find(flag) != std::string::npos; };
  const std::string shown = "Flags [" + upper(packet.flags) + "] from " + packet.source;
  if (has('r')) {
    note_reset(packet, shown, flow, clues);
    return;
  }
  const bool is_answer = !flow.dialer.empty() && packet.source != flow.dialer;
  if (is_answer && !has('s') && packet.length == 0) {
    clues.push_back({ClueKind::kChallengeAck, shown, "", ""});
  }
  if (has('s')) {
    if (is_syn(packet.flags) && flow.dialer.empty()) flow = Flow{};
    flow.dialer = is_syn(packet.flags) ? packet.source : "";
  } else if (is_answer || packet.source == flow.dialer) {
    flow.dialer.clear();
  }
  note_repeat(packet, flow, clues);
  if (has('f')) {
    if (flow.closer.empty()) {
      flow.closer = packet.source;
      flow.fin_words = shown;
    } else if (flow.closer != packet.source) {
      flow.is_closed = true;  // both have closed, as they should
    }
  }
  // A FIN closes one direction; the other may go on until a reset says that nobody is there.
  const bool goes_on = packet.length > 0 && !flow.closer.empty() && packet.source != flow.closer;
  flow.went_on = flow.went_on || goes_on;
}

std::optional<std::vector<PacketClue>> PacketLines::read(std::string_view line,
                                                         std::optional<Duration> at) {
  auto packet = parse(line);
  if (!packet) return std::nullopt;
  packet->at = at;
  std::vector<PacketClue> clues;
  const std::string& one = std::min(packet->source, packet->destination);
  const std::string& other = std::max(packet->source, packet->destination);
  const std::string name = one + " - " + other;
  if (flows_.size() >= kFlowsMax && flows_.count(name) == 0) return clues;
  note(*packet, flows_[name], clues);
  for (PacketClue& clue : clues) {
    clue.connection = name;
    clue.peer = packet->destination;
  }
  return clues;
}

}  // namespace halfopen
