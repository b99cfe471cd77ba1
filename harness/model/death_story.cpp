#include "harness/model/death_story.hpp"

#include <algorithm>
#include <array>
#include <boost/json/value.hpp>
#include <cstdint>

#include "harness/model/judge_evidence.hpp"
#include "harness/model/judge_votes.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kEvidenceMax = 12;

// The socket is still good after these: the send is to be tried again.
bool is_error(const std::string& result) {
  return !result.empty() && result != "OK" && result != "EAGAIN" && result != "EWOULDBLOCK" &&
         result != "EINTR";
}

// The events of one node about one peer, and what they amount to.
class Storyteller {
 public:
  Storyteller(const RunRecord& record, const std::string& node, const std::string& peer,
              Instant since)
      : record_(record), node_(node), peer_(peer), since_(since), ledger_(record) {
    bool lived = false;
    for (const Event& event : record.events) {
      if (event.node != node || event.text("peer") != peer) continue;
      const bool comes_alive = event.event == "transition" && event.text("to") == "Healthy";
      lived = lived || comes_alive || event.event == "connection_opened";
      if (lived) ours_.push_back(&event);
    }
  }

  DeathStory tell() {
    find_detection();
    find_errors();
    count_votes();
    find_recovery();
    gather_evidence();
    return std::move(story_);
  }

 private:
  [[nodiscard]] static bool same_connection(const Event& a, const Event& b) {
    return a.count("conn").has_value() && a.count("conn") == b.count("conn");
  }

  // A newer connection that takes an older one's place is no death.
  [[nodiscard]] bool is_death(const Event& event) const {
    const std::string reason = event.text("reason");
    return is_detection(event, node_, peer_) && reason != "replaced" && reason != "tie_break";
  }

  void find_detection() {
    const auto found = std::find_if(ours_.begin(), ours_.end(),
                                    [this](const Event* event) { return is_death(*event); });
    if (found == ours_.end()) return;
    detection_ = *found;
    story_.detected_by = detection_->text("reason");
    const auto since_life = detection_->milliseconds("since_life_ms");
    story_.detected_after =
        since_life ? *since_life : detection_->milliseconds("idle_ms").value_or(Duration{0});
    const auto risked = ledger_.cast_by(node_, {since_, record_.whole.end});
    const Instant vote_at = risked.empty() ? record_.whole.end : risked.front().at;
    story_.detected_before_vote = detection_->at < vote_at;
  }

  void find_errors() {
    for (const Event* event : ours_) {
      if (event->event == "send" && event->at >= since_) {
        story_.sends.push_back(event->text("result"));
      }
    }
    const auto first = std::find_if(ours_.begin(), ours_.end(), [this](const Event* event) {
      if (event->event == "send") return is_error(event->text("result"));
      return event == detection_ && is_error(event->text("errno"));
    });
    if (first == ours_.end()) return;
    const Event& event = **first;
    const bool by_send = event.event == "send";
    story_.first_error = event.text(by_send ? "result" : "errno");
    story_.second_error = second_error(event);
    story_.idle_before_first_error = silence_before(event);
  }

  // What a second use of the same socket was told; where there was none, what the node asked of the
  // socket when it gave it up.
  [[nodiscard]] std::string second_error(const Event& first) const {
    std::string asked = first.text("second_errno");
    bool passed = false;
    for (const Event* event : ours_) {
      if (event == &first) passed = true;
      if (!passed || event == &first || !same_connection(*event, first)) continue;
      if (event->event == "send") return event->text("result");
      if (asked.empty()) asked = event->text("second_errno");
    }
    return asked;
  }

  // The first send after the silence is told OK, and the error comes at a second one soon after: so
  // the silence is the longest idle time of the connection's sends in the story, up to the error.
  [[nodiscard]] Duration silence_before(const Event& first) const {
    Duration longest = first.milliseconds("idle_ms").value_or(Duration{0});
    for (const Event* event : ours_) {
      if (event->at > first.at) break;
      const bool counts =
          event->event == "send" && event->at >= since_ && same_connection(*event, first);
      if (counts) longest = std::max(longest, event->milliseconds("idle_ms").value_or(Duration{0}));
    }
    return longest;
  }

  void count_votes() {
    const Interval rest{since_, record_.whole.end};
    story_.votes_cast = static_cast<unsigned>(ledger_.cast_by(node_, rest).size());
    story_.votes_lost = static_cast<unsigned>(ledger_.lost(node_, peer_, rest).size());
  }

  // The death's first sign to a person who waits for votes: the cast of the first vote that was
  // lost, or was stored only after the death had been found; or the finding itself, if that came
  // first. It is never before the story's start: a death found while idle costs nothing until a
  // vote is cast.
  [[nodiscard]] std::optional<Instant> trouble_begins() const {
    std::optional<Instant> begins;
    for (const CastVote& vote : ledger_.cast_by(node_, {since_, record_.whole.end})) {
      const auto stored = ledger_.stored_at(peer_, vote.vote);
      const bool late =
          stored && detection_ != nullptr && *stored > detection_->at && vote.at <= detection_->at;
      if (!stored || late) {
        begins = vote.at;
        break;
      }
    }
    if (detection_ == nullptr) return begins;
    if (detection_->at >= since_) {
      return begins ? std::min(*begins, detection_->at) : detection_->at;
    }
    const auto cast = ledger_.cast_by(node_, {since_, record_.whole.end});
    return cast.empty() ? std::nullopt : std::optional(cast.front().at);
  }

  // When the link was healthy again after the death was found. What a dead connection's kernel
  // still delivers once the path heals is luck, not a link on which votes flow.
  [[nodiscard]] std::optional<Instant> link_is_back() const {
    if (detection_ == nullptr) return since_;
    for (const Event* event : ours_) {
      if (event->at >= detection_->at && event->event == "transition" &&
          event->text("to") == "Healthy") {
        return event->at;
      }
    }
    return std::nullopt;
  }

  void find_recovery() {
    const auto begins = trouble_begins();
    const auto back = link_is_back();
    if (!begins || !back) return;
    std::optional<Instant> first_stored;
    for (const CastVote& vote : ledger_.cast_by(node_, {*begins, record_.whole.end})) {
      const auto stored = ledger_.stored_at(peer_, vote.vote);
      if (!stored || *stored < *back) continue;
      if (!first_stored || *stored < *first_stored) first_stored = stored;
    }
    // A vote may be stored at the very instant of the finding, but not before the trouble.
    if (first_stored && *first_stored >= *begins) story_.recovered_after = *first_stored - *begins;
  }

  void add_evidence(std::string line) {
    if (story_.evidence.size() < kEvidenceMax) story_.evidence.push_back(std::move(line));
  }

  void gather_evidence() {
    for (const Event* event : ours_) {
      const bool told = event->event == "send" && event->at >= since_;
      const bool closed = event->event == "connection_closed" && detection_ != nullptr &&
                          same_connection(*event, *detection_);
      if (told || closed || event == detection_) {
        add_evidence(event_line(*event, record_.whole.begin));
      }
      if (event == detection_) add_kernel_evidence(*event);
    }
  }

  void add_kernel_evidence(const Event& event) {
    if (const std::string left = event.text("so_error"); !left.empty()) {
      add_evidence("SO_ERROR then said " + left);
    }
    const boost::json::value* value = event.fields.if_contains("tcp_info");
    if (value == nullptr || !value->is_object()) return;
    const boost::json::object& info = value->get_object();
    const boost::json::value* state = info.if_contains("state");
    std::string line = "TCP_INFO:";
    if (state != nullptr && state->is_string()) line += " " + std::string(state->get_string());
    // What tells the kinds of death apart: data on its way that nobody acknowledges, probes without
    // an answer, and how long ago anything came.
    constexpr std::array kTelling{"unacked",           "retransmits",      "backoff", "probes",
                                  "last_data_recv_ms", "last_ack_recv_ms", "segs_in"};
    for (const char* field : kTelling) {
      const boost::json::value* number = info.if_contains(field);
      if (number == nullptr || !number->is_number()) continue;
      boost::system::error_code not_a_number;
      const auto text = std::to_string(number->to_number<std::int64_t>(not_a_number));
      if (!not_a_number) line += std::string(" ") + field + "=" + text;
    }
    add_evidence(std::move(line));
  }

  const RunRecord& record_;
  const std::string& node_;
  const std::string& peer_;
  Instant since_;
  VoteLedger ledger_;
  std::vector<const Event*> ours_;  // the node's about the peer, once they were connected
  const Event* detection_ = nullptr;
  DeathStory story_;
};

}  // namespace

DeathStory tell_story(const RunRecord& record, const std::string& node, const std::string& peer,
                      Instant since) {
  return Storyteller(record, node, peer, since).tell();
}

}  // namespace halfopen
