// One direction of a relayed connection: bytes from its source's socket to its sink's.
//
// Three ways to move them, chosen by what goes on:
//   copy     small messages: one recv, one send, nothing is held
//   splice   a sustained stream: through a pipe, without copying
//   shaped   a stream fault is set: through the chain of its stages
//
// Intuition: both sockets report readiness by edges, once for all; the flow remembers which side is
// ready, and a short read or a refused write ends that. So a turn of a ping-pong is two system
// calls.
//
// Invariants: bytes leave in the order in which they came, also when the way changes in the middle;
// what is held here is bounded; a FIN leaves after the last byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "proxy/core/stream/chain.hpp"
#include "proxy/shell/pipe_pool.hpp"

namespace halfopen {

class Flow {
 public:
  explicit Flow(PipePool& pipes) : pipes_(pipes) {}
  ~Flow();
  Flow(const Flow&) = delete;
  Flow& operator=(const Flow&) = delete;

  enum class Outcome : std::uint8_t {
    kWaiting,       // for one of its sockets or for its chain
    kYielded,       // there is more to do, but others have their turn
    kSourceFailed,  // errno is in the turn
    kSinkFailed,
    kClose,  // a stage says so
    kReset,
  };
  struct Turn {
    Outcome outcome = Outcome::kWaiting;
    int error = 0;
    std::size_t moved_bytes = 0;
    std::size_t received_bytes = 0;
    bool is_end_due = false;  // all was moved and the source has ended: now the sink's FIN
  };
  // Moves what can be moved without waiting.
  [[nodiscard]] Turn run(int source, int sink, Instant now);

  // What epoll has said. A hung-up source may be at its end although a read was short.
  void note_readable(bool hung_up) {
    source_ready_ = true;
    source_hung_up_ = source_hung_up_ || hung_up;
  }
  void note_writable() { sink_ready_ = true; }
  // The source has sent urgent data: a read ends at its mark although there is more behind it, and
  // splice(2) does not get past it at all.
  void note_urgent() { has_urgent_ = true; }

  // The source died: what it had sent before still goes to the sink, then the sink dies.
  void note_source_dead() {
    source_dead_ = true;
    note_readable(true);
  }
  // As if the source had sent a FIN behind what was read.
  void note_source_ended(Instant now);
  [[nodiscard]] bool is_source_dead() const { return source_dead_; }
  void note_sink_shut() { sink_shut_ = true; }
  [[nodiscard]] bool is_sink_shut() const { return sink_shut_; }
  // All that is held waits for the sink to take it.
  [[nodiscard]] bool is_sink_blocked() const { return !sink_ready_ && !chain_deadline(); }
  [[nodiscard]] bool has_source_ended() const { return source_ended_; }

  // Made on the first call.
  [[nodiscard]] StreamChain& chain(Instant now);
  [[nodiscard]] bool is_shaped() const { return chain_ != nullptr; }
  [[nodiscard]] std::optional<Instant> deadline() const;
  // At deadline() or any time; run() then moves what has become due.
  void handle_timeout(Instant now);

  // Bytes that were read and that the sink has not taken.
  [[nodiscard]] std::size_t held_bytes() const;
  // Bytes that were read from the source: what a stage destroyed is among them.
  [[nodiscard]] std::uint64_t received_bytes() const { return received_bytes_; }
  [[nodiscard]] std::uint64_t relayed_bytes() const { return relayed_bytes_; }

 private:
  // Whether the round came to an end of what can be done now.
  [[nodiscard]] bool copy_round(int source, int sink, Turn& turn);
  [[nodiscard]] bool splice_round(int source, int sink, Turn& turn);
  [[nodiscard]] bool shape_round(int source, int sink, Instant now, Turn& turn);
  void begin_splicing(int source, int sink);
  void note_splice_end(int source);
  [[nodiscard]] std::optional<Instant> chain_deadline() const;
  [[nodiscard]] bool flush_pending(int sink, Turn& turn);
  [[nodiscard]] bool drain_pipe(int sink, Turn& turn);
  [[nodiscard]] std::optional<std::size_t> receive(int source, std::size_t room, Turn& turn);
  [[nodiscard]] std::size_t give(int sink, const char* data, std::size_t size, Turn& turn);
  void finish(Turn& turn);
  void drop_pipe();

  PipePool& pipes_;
  std::vector<char> pending_;
  std::size_t pending_offset_ = 0;
  std::optional<Pipe> pipe_;
  std::size_t pipe_bytes_ = 0;
  std::unique_ptr<StreamChain> chain_;
  std::uint64_t relayed_bytes_ = 0;
  std::uint64_t received_bytes_ = 0;
  std::uint8_t full_reads_ = 0;   // in a row, of a copying flow
  std::uint8_t lean_rounds_ = 0;  // in a row, of a splicing flow
  // While the source's readiness is told of much only, it is looked at by time as well.
  Instant look_at_;
  std::uint64_t received_at_look_ = 0;
  bool is_low_water_raised_ = false;
  bool is_look_due_ = false;
  bool are_buffers_bounded_ = false;
  bool source_ready_ = false;
  bool source_hung_up_ = false;
  bool has_urgent_ = false;
  bool sink_ready_ = true;
  bool source_ended_ = false;  // it sent FIN and all before it was read
  bool source_dead_ = false;
  bool sink_shut_ = false;  // and the FIN was passed on
};

}  // namespace halfopen
