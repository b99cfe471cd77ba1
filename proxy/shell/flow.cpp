#include "proxy/shell/flow.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "proxy/shell/bulk_buffers.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kBufferBytes = 65536;
// What Toxiproxy reads at once: stages that work on chunks see the same ones.
constexpr std::size_t kChunkBytes = 32768;
constexpr std::size_t kSpliceBytes = 1024 * 1024;
// How many rounds one event may take before other connections get their turn.
constexpr int kRoundsPerTurn = 8;
// A stream is sustained after this many reads that filled the buffer, and no longer after this many
// rounds that moved little.
constexpr std::uint8_t kFullReadsForSplice = 2;
constexpr std::uint8_t kLeanRoundsForCopy = 16;
constexpr std::size_t kLeanBytes = 16384;
constexpr std::size_t kFewStreams = 4;
// A sustained stream whose readiness was not told for so long is looked at: its end waits for one
// to two of these.
constexpr Duration kLookInterval = std::chrono::milliseconds(1);

// One for all: a flow keeps only what its sink did not take, so an idle connection holds no buffer.
std::array<char, kBufferBytes>& scratch() {
  static std::array<char, kBufferBytes> buffer;
  return buffer;
}

bool would_block(int error) {
  return error == EAGAIN || error == EINTR;
}

}  // namespace

Flow::~Flow() {
  drop_pipe();
}

void Flow::drop_pipe() {
  if (!pipe_) return;
  if (pipe_bytes_ == 0) {
    pipes_.give_back(std::move(*pipe_));
  } else {
    pipes_.give_up(std::move(*pipe_));
  }
  pipe_.reset();
  pipe_bytes_ = 0;
}

StreamChain& Flow::chain(Instant now) {
  if (!chain_) {
    chain_ = std::make_unique<StreamChain>();
    if (source_ended_ && !sink_shut_) chain_->handle_end(now);
  }
  return *chain_;
}

std::optional<Instant> Flow::chain_deadline() const {
  if (!chain_ || sink_shut_) return std::nullopt;
  return chain_->deadline();
}

std::optional<Instant> Flow::deadline() const {
  const auto due = chain_deadline();
  // A sink that takes nothing is waited for, and nothing else.
  if (!is_low_water_raised_ || !sink_ready_ || sink_shut_ || source_ended_) return due;
  return due ? std::min(*due, look_at_) : look_at_;
}

void Flow::handle_timeout(Instant now) {
  if (chain_) chain_->handle_timeout(now);
  if (!is_low_water_raised_ || now < look_at_) return;
  look_at_ = now + kLookInterval;
  if (std::exchange(received_at_look_, received_bytes_) != received_bytes_) return;
  is_look_due_ = true;
  source_ready_ = true;
}

void Flow::note_source_ended(Instant now) {
  source_ended_ = true;
  if (chain_ && chain_->state() == StreamState::kOpen) chain_->handle_end(now);
}

std::size_t Flow::held_bytes() const {
  return pending_.size() - pending_offset_ + pipe_bytes_ + (chain_ ? chain_->held_bytes() : 0);
}

Flow::Turn Flow::run(int source, int sink, Instant now) {
  Turn turn;
  if (sink_shut_) return turn;
  if (is_low_water_raised_ && !pipe_) {
    lower_low_water_mark(source);
    is_low_water_raised_ = false;
    source_ready_ = true;
  }
  bool is_done = false;
  for (int round = 0; round < kRoundsPerTurn && !is_done; ++round) {
    // What a way held before it was left goes first.
    if (chain_) {
      if (flush_pending(sink, turn)) (void)drain_pipe(sink, turn);
      // Also where that has to wait: a stage may swallow, or reset.
      is_done = turn.outcome != Outcome::kWaiting || shape_round(source, sink, now, turn);
    } else if (pipe_) {
      is_done = !flush_pending(sink, turn) || splice_round(source, sink, turn);
    } else {
      is_done = copy_round(source, sink, turn);
    }
  }
  if (!is_done) turn.outcome = Outcome::kYielded;
  finish(turn);
  return turn;
}

void Flow::finish(Turn& turn) {
  relayed_bytes_ += turn.moved_bytes;
  received_bytes_ += turn.received_bytes;
  if (!chain_) {
    turn.is_end_due = source_ended_ && held_bytes() == 0;
    return;
  }
  turn.is_end_due = chain_->state() == StreamState::kEnded && held_bytes() == 0;
  if (chain_->has_stages() || chain_->held_bytes() > 0 || chain_->state() != StreamState::kOpen) {
    return;
  }
  chain_.reset();
  // No edge will tell of what is there already.
  if (source_ready_ && turn.outcome == Outcome::kWaiting) turn.outcome = Outcome::kYielded;
}

// Answers how many bytes were read, or nothing when there are none now.
std::optional<std::size_t> Flow::receive(int source, std::size_t room, Turn& turn) {
  const ssize_t received = recv(source, scratch().data(), room, 0);
  if (received < 0) {
    source_ready_ = false;
    if (source_dead_) {
      source_ended_ = true;
      return 0;
    }
    if (!would_block(errno)) {
      turn.outcome = Outcome::kSourceFailed;
      turn.error = errno;
    }
    return std::nullopt;
  }
  const auto size = static_cast<std::size_t>(received);
  turn.received_bytes += size;
  if (size == 0) source_ended_ = true;
  // A short read has emptied the socket; what comes now is a new edge. Not so a FIN that was there,
  // or what is behind an urgent mark.
  if (size < room && !source_hung_up_ && !has_urgent_) source_ready_ = false;
  return size;
}

// Answers how many bytes the sink took.
std::size_t Flow::give(int sink, const char* data, std::size_t size, Turn& turn) {
  const ssize_t sent = send(sink, data, size, MSG_NOSIGNAL);
  if (sent < 0) {
    sink_ready_ = false;
    if (!would_block(errno)) {
      turn.outcome = Outcome::kSinkFailed;
      turn.error = errno;
    }
    return 0;
  }
  const auto taken = static_cast<std::size_t>(sent);
  if (taken < size) sink_ready_ = false;
  turn.moved_bytes += taken;
  return taken;
}

bool Flow::flush_pending(int sink, Turn& turn) {
  if (pending_.empty()) return true;
  if (!sink_ready_) return false;
  pending_offset_ +=
      give(sink, pending_.data() + pending_offset_, pending_.size() - pending_offset_, turn);
  if (pending_offset_ < pending_.size()) return false;
  pending_ = {};
  pending_offset_ = 0;
  return true;
}

bool Flow::copy_round(int source, int sink, Turn& turn) {
  if (!flush_pending(sink, turn)) return true;
  if (source_ended_ || !source_ready_) return true;
  const auto size = receive(source, kBufferBytes, turn);
  if (!size || *size == 0) return true;
  const std::size_t taken = give(sink, scratch().data(), *size, turn);
  if (taken < *size) {
    if (turn.outcome == Outcome::kWaiting) {
      pending_.assign(scratch().data() + taken, scratch().data() + *size);
    }
    return true;
  }
  full_reads_ = *size == kBufferBytes ? static_cast<std::uint8_t>(full_reads_ + 1) : 0;
  if (full_reads_ >= kFullReadsForSplice && !has_urgent_) {
    full_reads_ = 0;
    lean_rounds_ = 0;
    begin_splicing(source, sink);
  }
  return !source_ready_;
}

void Flow::begin_splicing(int source, int sink) {
  pipe_ = pipes_.borrow();
  if (!pipe_) return;
  if (!are_buffers_bounded_) bound_bulk_buffers(source, sink, pipes_.lent() > kFewStreams);
  are_buffers_bounded_ = true;
  raise_low_water_mark(source);
  is_low_water_raised_ = true;
  look_at_ = Instant{};
}

bool Flow::drain_pipe(int sink, Turn& turn) {
  while (pipe_bytes_ > 0) {
    if (!sink_ready_) return false;
    const ssize_t sent = splice(pipe_->read_end.get(), nullptr, sink, nullptr, pipe_bytes_,
                                SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    if (sent <= 0) {
      sink_ready_ = false;
      if (sent < 0 && !would_block(errno)) {
        turn.outcome = Outcome::kSinkFailed;
        turn.error = errno;
      }
      return false;
    }
    pipe_bytes_ -= static_cast<std::size_t>(sent);
    turn.moved_bytes += static_cast<std::size_t>(sent);
  }
  if (chain_) drop_pipe();
  return true;
}

// With a FIN behind it, an urgent mark looks like the end.
void Flow::note_splice_end(int source) {
  char byte = 0;
  if (recv(source, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0) {
    has_urgent_ = true;
  } else {
    source_ended_ = true;
  }
}

bool Flow::splice_round(int source, int sink, Turn& turn) {
  std::size_t received = 0;
  if (source_ready_ && !source_ended_ && !has_urgent_) {
    const ssize_t result = splice(source, nullptr, pipe_->write_end.get(), nullptr, kSpliceBytes,
                                  SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
    if (result == 0) note_splice_end(source);
    if (result > 0) received = static_cast<std::size_t>(result);
    if (result < 0 && source_dead_) source_ended_ = true;
    if (result < 0 && !source_ended_ && !would_block(errno)) {
      source_ready_ = false;
      turn.outcome = Outcome::kSourceFailed;
      turn.error = errno;
      return true;
    }
    // With bytes in the pipe the same answer may mean that the pipe is full.
    if (result < 0 && pipe_bytes_ == 0) source_ready_ = false;
    pipe_bytes_ += received;
    turn.received_bytes += received;
  }
  if (!drain_pipe(sink, turn)) return true;
  lean_rounds_ = received < kLeanBytes ? static_cast<std::uint8_t>(lean_rounds_ + 1) : 0;
  const bool has_run_dry = std::exchange(is_look_due_, false) && received < kLeanBytes;
  if (source_ended_ || has_urgent_ || has_run_dry || lean_rounds_ >= kLeanRoundsForCopy) {
    drop_pipe();
  }
  return source_ended_ || !source_ready_;
}

bool Flow::shape_round(int source, int sink, Instant now, Turn& turn) {
  while (sink_ready_ && !chain_->output().empty()) {
    const auto due = chain_->output();
    const std::size_t taken = give(sink, due.data(), due.size(), turn);
    if (turn.outcome != Outcome::kWaiting) return true;
    chain_->consume(taken, now);
  }
  switch (chain_->state()) {
    case StreamState::kClose:
      // Behind what went before the chain; what is still in it has been cut off.
      if (pending_.empty() && pipe_bytes_ == 0) turn.outcome = Outcome::kClose;
      return true;
    case StreamState::kReset:
      turn.outcome = Outcome::kReset;
      return true;
    case StreamState::kEnded:
      return true;
    case StreamState::kOpen:
      break;
  }
  const std::size_t room = std::min(chain_->room(), kChunkBytes);
  if (source_ended_ || !source_ready_ || room == 0) return true;
  const auto size = receive(source, room, turn);
  if (!size) return true;
  if (*size == 0) {
    chain_->handle_end(now);
  } else {
    chain_->handle_bytes({scratch().data(), *size}, now);
  }
  return false;  // what the chain has made of it may be due
}

}  // namespace halfopen
