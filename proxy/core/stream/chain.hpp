// What happens to the bytes of one direction of one connection: a chain of stages, each of which
// delays, slows, cuts, changes or ends the stream.
//
// Intuition: bytes go in at one end with the time, and come out at the other when they are due. The
// chain says how much it takes, when it wants to be woken, and how the stream ends; it touches no
// socket. What the sink does not take stays in the chain, and then the chain takes no more.
//
// Invariants: bytes leave in the order in which they came; a stage that is removed passes on what
// it held, so that nothing is lost that it had not already destroyed; what the chain holds is
// bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/time.hpp"
#include "proxy/core/stream/stream_fault.hpp"

namespace halfopen {

// How a stream goes on after what output() holds.
enum class StreamState : std::uint8_t {
  kOpen,
  kEnded,  // the source's FIN is due
  kClose,  // the whole connection is to be closed, in an orderly way
  kReset,  // the whole connection is to be reset
};

class StreamChain {
 public:
  StreamChain();
  ~StreamChain();
  StreamChain(const StreamChain&) = delete;
  StreamChain& operator=(const StreamChain&) = delete;

  // How many bytes the chain takes now. With 0 the source is not to be read: its window closes.
  [[nodiscard]] std::size_t room() const;
  // What one read has returned, at most room() bytes.
  void handle_bytes(std::span<const char> bytes, Instant now);
  // The source's FIN. Once.
  void handle_end(Instant now);
  // At deadline() or any time.
  void handle_timeout(Instant now);
  [[nodiscard]] std::optional<Instant> deadline() const;

  // What is to be written now; it goes away by consume(), which may make more due.
  [[nodiscard]] std::span<const char> output() const;
  void consume(std::size_t bytes, Instant now);
  // For once output() is empty, but kClose and kReset hold at once when the stage that ends the
  // stream says so.
  [[nodiscard]] StreamState state() const;
  // Bytes that are inside, output() included.
  [[nodiscard]] std::size_t held_bytes() const;

  // Stages are in the order in which they were added. `seed` decides everything random of it.
  void add(StageId id, const StreamFaultConfig& config, std::uint64_t seed, Instant now);
  void change(StageId id, const StreamFaultConfig& config, Instant now);
  void remove(StageId id, Instant now);
  [[nodiscard]] bool has_stages() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace halfopen
