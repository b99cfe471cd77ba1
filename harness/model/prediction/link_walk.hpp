// One connection walked through a scenario in virtual time: two ends with a kernel and a program
// each, and what lies between them. Packets take no time; everything that waits has a deadline.
//
// It is a model of what decides who learns of a death, and when: mappings and what refreshes them,
// keep-alive, retransmission, pings, acknowledgements, pending reads. It ends for an end when that
// end gives the connection up; a new connection is modelled only as far as the old one's other end
// hears of it. What shapes bytes (latency, bandwidth, ...) is not modelled.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/prediction/kernel_timing.hpp"
#include "harness/model/prediction/nat_terms.hpp"
#include "harness/model/scenario.hpp"

namespace halfopen {

enum class LinkEnd : std::uint8_t { kDialer, kListener };
[[nodiscard]] constexpr LinkEnd other(LinkEnd end) {
  return end == LinkEnd::kDialer ? LinkEnd::kListener : LinkEnd::kDialer;
}

// An end gave its connection up.
struct Finding {
  Duration at{};          // on the walk's axis
  std::string reason;     // a transition's reason
  Duration since_life{};  // since anything was heard: bytes, an ACK, a FIN; a RST does not count
};

// How the times of the walk differ from the written ones, to see what an outcome hangs on.
struct WalkShift {
  Duration mapping{0};  // added to each idle timeout
  Duration probes{0};   // keep-alive and retransmission timers come so much later
  Duration steps{0};    // each wait takes so much longer
  bool slow_dials = false;
};

// How much may still be walked through, by all links of all walks of a scenario together: many
// links with short intervals over many hours would otherwise take longer than anybody waits.
struct WalkBudget {
  unsigned acts_left = 0;
  [[nodiscard]] bool is_spent() const { return acts_left == 0; }
};

struct WalkTerms {
  std::array<NodeDefences, 2> defences;  // by LinkEnd
  std::array<unsigned, 2> retries2{kRetries2Default, kRetries2Default};
  LinkEnd inside = LinkEnd::kDialer;
  WalkShift shift;
  std::shared_ptr<WalkBudget> budget;  // none: no bound but that of one `advance`
};

class LinkWalk {
 public:
  explicit LinkWalk(WalkTerms terms);

  // Carries out everything that is due until then, while the budget lasts.
  void advance(Duration to);
  // The next moment at which something happens by itself.
  [[nodiscard]] std::optional<Duration> next_deadline() const;
  [[nodiscard]] Duration now() const { return now_; }

  void set_fault(const FaultSpec& fault);
  void clear_fault(const FaultSpec& fault);
  void flush_nat();
  void cast(LinkEnd from);
  // The end's process ends; with power_loss its machine is silent until `power_on`.
  void end_process(LinkEnd end, RestartKind kind);
  void power_on(LinkEnd end);
  void destroy(LinkEnd end);

  [[nodiscard]] const std::optional<Finding>& finding(LinkEnd end) const {
    return state(end).finding;
  }
  // The end's own process was ended: it found nothing, it was found.
  [[nodiscard]] bool ended(LinkEnd end) const { return !state(end).process_up; }
  // What this end sends now arrives, and is answered.
  [[nodiscard]] bool is_whole(LinkEnd end) const;
  [[nodiscard]] bool owes_acknowledgement() const;
  // Faults that the walk cannot follow.
  [[nodiscard]] const std::vector<std::string>& not_modelled() const { return not_modelled_; }
  // What happened to the connection, in time order, each a sentence; at most a dozen.
  struct Happening {
    Duration at{};
    std::string text;  // with `subject` a sentence without it: " finds it: eof"
    std::optional<LinkEnd> subject;
  };
  [[nodiscard]] const std::vector<Happening>& happenings() const { return happenings_; }
  [[nodiscard]] unsigned notable_count() const { return notable_count_; }
  // The longest time for which no packet, or byte, crossed while the connection lived.
  [[nodiscard]] Duration longest_silence() const { return longest_silence_; }

 private:
  // kAnswered: by a middlebox in the far end's place; only through_mapping says so.
  enum class Passage : std::uint8_t { kArrives, kAnswered, kLost, kReset };
  enum class Payload : std::uint8_t { kVote, kAck, kPing, kPong };
  struct State {
    bool process_up = true;
    bool kernel_knows = true;  // of the connection
    bool machine_up = true;
    std::optional<Finding> finding;
    Duration last_bytes{0};
    Duration last_segment{0};
    // The kernel's send side.
    std::vector<Payload> queue;  // not acknowledged by the other kernel
    std::optional<Duration> unacked_since;
    Duration retransmit_at{0};
    Duration retransmit_gap{0};
    unsigned probes_out = 0;
    Duration probe_at{0};
    // The program.
    std::optional<Duration> ping_sent_at;
    std::optional<Duration> oldest_vote_at;
    Duration listen_until{0};
    std::vector<Payload> backlog;  // arrived, not read
    // What the kernel has to tell.
    bool fin_came = false;
    Duration fin_at{0};
    std::string error;  // a reason, where the socket has failed
    // After giving up: what was sent before and a FIN, which nobody acknowledged; the next dial.
    std::optional<Duration> fin_again_at;
    Duration fin_gap{0};
    Duration fin_wait_until{0};  // FIN_WAIT2: probes are answered, data is reset
    std::optional<Duration> dial_at;
  };
  struct Mapping {
    NatTerms terms;
    std::string fault;
    bool live = true;
    Duration refreshed_at{0};
    bool awaits_ack = false;
    std::array<Forgotten, 2> forgotten{};
  };
  struct Cut {
    std::array<bool, 2> before_nat{};  // packets of this end never reach the mapping
    std::array<bool, 2> after_nat{};   // they do, and no further
  };

  State& state(LinkEnd end) { return states_.at(static_cast<std::size_t>(end)); }
  [[nodiscard]] const State& state(LinkEnd end) const {
    return states_.at(static_cast<std::size_t>(end));
  }
  [[nodiscard]] const NodeDefences& defences(LinkEnd end) const {
    return terms_.defences.at(static_cast<std::size_t>(end));
  }
  [[nodiscard]] bool is_open(LinkEnd end) const;
  [[nodiscard]] bool is_reading(LinkEnd end) const;
  [[nodiscard]] std::optional<Duration> user_timeout(LinkEnd end) const;
  [[nodiscard]] Duration mapping_deadline() const;
  [[nodiscard]] std::optional<Duration> next_deadline_of(LinkEnd end) const;

  void cut_cable(const std::string& name, const std::string& at);
  void cut_direction(const std::string& name, LinkEnd from);
  void forget_side(const FaultSpec& fault);
  void reset_on_next(const std::string& side);
  void happened(std::string text, bool notable = true);
  void happened_to(LinkEnd end, std::string text, bool notable = true);
  void note_packet(bool carries_bytes);
  Passage pass(LinkEnd from, bool carries_bytes);
  Passage through_mapping(LinkEnd from, bool carries_bytes);
  void send(LinkEnd from, Payload payload);
  void transmit(LinkEnd from, bool is_first);
  void arrive(LinkEnd at, Payload payload);
  void process(LinkEnd at, Payload payload);
  void hear_reset(LinkEnd end);
  void hear_fin(LinkEnd end);
  void give_up(LinkEnd end, std::string reason);
  void close_socket(LinkEnd end);
  void look(LinkEnd end);  // the program reads, if it does
  void act(LinkEnd end);   // whatever is due at an end
  void act_keepalive(LinkEnd end);
  void act_retransmission(LinkEnd end);
  void act_liveness(LinkEnd end);
  void act_afterwards(LinkEnd end);
  void expire(const std::string& why, bool by_timeout);

  WalkTerms terms_;
  std::array<State, 2> states_;
  std::optional<Mapping> mapping_;
  std::map<std::string, Cut> cuts_;            // by the fault's name
  std::map<std::string, std::string> closed_;  // faults that keep new dials out
  std::array<Forgotten, 2> side_fate_{Forgotten::kTold, Forgotten::kTold};
  std::array<bool, 2> has_side_fate_{};
  Duration now_{0};
  Duration last_packet_{0};
  Duration last_byte_{0};
  Duration longest_silence_{0};
  std::vector<Happening> happenings_;
  std::vector<std::string> not_modelled_;
  unsigned notable_count_ = 0;
};

}  // namespace halfopen
