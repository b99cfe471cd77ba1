#include "node/shell/story.hpp"

#include <cstdio>
#include <cstring>

#include "metrics/clock.hpp"

namespace halfopen::node {
namespace {

std::string short_id(const VoteId& id) {
  return id.hex().substr(0, 8);
}

std::string seconds_text(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", to_seconds(duration));
  return text;
}

std::string milliseconds_text(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", 1000 * to_seconds(duration));
  return text;
}

std::string count_text(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string text(std::string_view view) {
  return std::string(view);
}

std::string kernel_text(const Evidence& evidence) {
  if (!evidence.tcp_info) return "kernel: no TCP_INFO";
  const TcpInfo& info = *evidence.tcp_info;
  return "kernel: state " + info.state + ", unacked " + std::to_string(info.unacked_segments) +
         ", retransmits " + std::to_string(info.retransmits) + ", probes " +
         std::to_string(info.probes);
}

// A line that comes with every vote, and that nobody misses when there are thousands.
bool is_about_good_vote(const Note& note) {
  if (const auto* received = std::get_if<note::VoteReceived>(&note)) return !received->refusal;
  if (const auto* sent = std::get_if<note::VoteSent>(&note)) return sent->attempt > 1;
  return std::holds_alternative<note::Broadcast>(note) ||
         std::holds_alternative<note::VoteAcked>(note) ||
         std::holds_alternative<note::QuorumReached>(note);
}

bool is_about_bad_vote(const Note& note) {
  if (const auto* received = std::get_if<note::VoteReceived>(&note)) {
    return received->refusal.has_value();
  }
  return std::holds_alternative<note::VoteAbandoned>(note);
}

std::string error_text(int error) {
  return errno_name(error) + " (" + std::strerror(error) + ")";
}

}  // namespace

void Story::vote_send(const std::string& peer, const VoteSend& send) {
  if (send.error != 0) {
    return log_.warn("Vote " + short_id(send.vote) + " not sent to " + peer + ": " +
                     error_text(send.error) + " at byte " + std::to_string(send.bytes_so_far) +
                     " of " + std::to_string(send.frame_bytes));
  }
  if (!may_tell_vote()) return;
  log_.info("Vote sent to " + peer + ": the kernel took " + std::to_string(send.bytes_so_far) +
            " of " + std::to_string(send.frame_bytes) + " bytes");
}

bool Story::may_tell_vote() {
  if (!log_.writes(LogLevel::kInfo)) return false;
  if (log_.writes(LogLevel::kDebug)) return true;
  const bool may = vote_lines_.take(monotonic_now());
  if (const std::size_t count = vote_lines_.take_left_out(); count > 0) {
    log_.info("Left out " + count_text(count, "line") + " about votes (log_level: debug has all)");
  }
  return may;
}

bool Story::may_tell_bad_vote() {
  if (log_.writes(LogLevel::kDebug)) return true;
  const bool may = bad_vote_lines_.take(monotonic_now());
  if (const std::size_t count = bad_vote_lines_.take_left_out(); count > 0) {
    log_.warn("Left out " + count_text(count, "line") + " about votes that failed");
  }
  return may;
}

void Story::tell_death(const note::Transition& note, const WitnessedNote& witnessed) {
  std::string line = "Broken connection detected: " + note.peer;
  if (const Evidence* evidence = witnessed.evidence) {
    line += " after " + seconds_text(evidence->idle) + " idle: ";
    if (note.error != 0) {
      line += text(evidence->operation) + ": " + error_text(note.error) + ", then " +
              errno_name(evidence->second_error) + "; ";
    }
    line += kernel_text(*evidence) + "; ";
  }
  log_.warn(line + "reason " + text(name_of(note.reason)) + ": " + text(sentence_of(note.reason)));
}

// One overload a note, no catch-all: a new kind of note does not compile until it is decided here.
struct Story::Visitor {
  Story& self;
  Log& log;
  const WitnessedNote& witnessed;
  void operator()(const note::Transition& note) const {
    if (is_death(note)) self.tell_death(note, witnessed);
    std::string line = note.peer + ": " + text(name_of(note.from)) + " -> " +
                       text(name_of(note.to)) + " (" + text(name_of(note.reason));
    if (note.error != 0) line += ", " + errno_name(note.error);
    log.info(line + ")");
  }
  void operator()(const note::ConnectionOpened& note) const {
    log.info("Connected to " + note.peer + " (" + text(name_of(note.direction)) +
             "); available connections: " + std::to_string(note.connections));
  }
  void operator()(const note::ConnectionClosed& note) const {
    if (note.peer.empty()) {
      return log.warn("Refused connection " + std::to_string(note.connection.value()) + ": " +
                      text(sentence_of(note.reason)));
    }
    if (!note.was_open) return;
    log.info("Removed " + note.peer +
             " from the pool: " + count_text(note.connections_left, "connection") + " left");
  }
  void operator()(const note::DialEnded& note) const {
    if (note.outcome == "connected") return;
    log.info("Dial to " + note.peer + " ended after " + milliseconds_text(note.took) + ": " +
             text(note.outcome));
  }
  void operator()(const note::Broadcast& note) const {
    log.info("Broadcasting vote " + short_id(note.vote) + " to " + count_text(note.peers, "peer"));
    log.info("Available connections: " + std::to_string(note.connections));
  }
  void operator()(const note::VoteSent& note) const {
    if (note.attempt == 1) return;
    log.info("Vote " + short_id(note.vote) + " sent again to " + note.peer + ", attempt " +
             std::to_string(note.attempt));
  }
  void operator()(const note::VoteAcked& note) const {
    log.info("Vote " + short_id(note.vote) + " is stored by " + note.peer + ", " +
             milliseconds_text(note.since_first_send) + " after it was first sent");
  }
  void operator()(const note::VoteReceived& note) const {
    const std::string line =
        "Vote " + short_id(note.id) + " from " + note.peer + ": " + text(name_of(note.outcome));
    if (note.refusal) return log.warn(line + " (" + text(name_of(*note.refusal)) + ")");
    log.info(line);
  }
  void operator()(const note::EquivocationFound& note) const {
    log.warn("Equivocation: " + note.peer + " has signed two different votes for one slot, " +
             short_id(id_of(note.evidence.first.vote)) + " and " +
             short_id(id_of(note.evidence.second.vote)) + "; kept as evidence");
  }
  void operator()(const note::QuorumReached& note) const {
    log.info("Quorum for height " + std::to_string(note.slot.height) + ", round " +
             std::to_string(note.slot.round) + ", " + text(name_of(note.slot.kind)) + ": " +
             (note.choice ? note.choice->hex().substr(0, 8) : "nil") + " has weight " +
             std::to_string(note.weight) + " of " + std::to_string(note.total_weight));
  }
  void operator()(const note::VoteCast&) const {}
  void operator()(const note::VoteAbandoned& note) const {
    log.warn("Vote " + short_id(note.vote) + " to " + note.peer +
             " abandoned: " + text(name_of(note.reason)));
  }
  void operator()(const note::PingNoted& note) const {
    if (note.step == note::PingStep::kTimeout)
      log.warn("Ping to " + text(note.peer) + " unanswered");
  }
  void operator()(const note::OutboxChanged&) const {}
  void operator()(const note::BytesCame&) const {}
};

void Story::tell(const WitnessedNote& witnessed) {
  if (is_about_good_vote(witnessed.note) && !may_tell_vote()) return;
  if (is_about_bad_vote(witnessed.note) && !may_tell_bad_vote()) return;
  std::visit(Visitor{*this, log_, witnessed}, witnessed.note);
}

}  // namespace halfopen::node
