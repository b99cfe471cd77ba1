// Bytes in, messages out. TCP has no message borders: a read may end in the middle of a header, or
// hold ten frames.
//
// Invariants: an error is sticky (after one wrong length nothing can be trusted), and the bytes
// held never exceed one frame and what one push brought.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "node/core/message.hpp"

namespace halfopen::node {

class FrameReader {
 public:
  // Adds what was read from the connection. Take all messages with next() before the next push.
  void push(std::span<const std::uint8_t> bytes);
  // The next whole message, nothing if more bytes are needed, or the Problem, then and ever after.
  [[nodiscard]] Result<std::optional<Message>> next();

  // Bytes that wait for the rest of their frame.
  [[nodiscard]] std::size_t held_bytes() const { return buffer_.size() - consumed_; }

 private:
  std::vector<std::uint8_t> buffer_;
  std::size_t consumed_ = 0;
  std::optional<Problem> failure_;
};

}  // namespace halfopen::node
