#include "node/core/frame_reader.hpp"

#include "node/core/limits.hpp"

namespace halfopen::node {

void FrameReader::push(std::span<const std::uint8_t> bytes) {
  if (failure_) return;
  buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(consumed_));
  consumed_ = 0;
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

Result<std::optional<Message>> FrameReader::next() {
  if (failure_) return *failure_;
  const auto unread = std::span<const std::uint8_t>(buffer_).subspan(consumed_);
  if (unread.size() < kFrameHeaderBytes) return std::optional<Message>{};
  std::size_t length = 0;
  for (const std::uint8_t byte : unread.first(kFrameHeaderBytes))
    length = length * 256 + byte;
  // The length is judged before its body arrives: a peer cannot make us wait for 4 GiB.
  if (length == 0 || length > kFrameBodyBytesMax) {
    failure_ = Problem{"a frame of ", std::to_string(length), " bytes: expected 1 to ",
                       std::to_string(kFrameBodyBytesMax)};
    return *failure_;
  }
  if (unread.size() < kFrameHeaderBytes + length) return std::optional<Message>{};
  auto message = decode_body(unread.subspan(kFrameHeaderBytes, length));
  if (message.has_error()) {
    failure_ = message.error();
    return *failure_;
  }
  consumed_ += kFrameHeaderBytes + length;
  return std::optional<Message>{std::move(*message)};
}

}  // namespace halfopen::node
