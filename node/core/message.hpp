// The typed messages of the wire, and their frames. Whatever decodes is valid by itself: names are
// bounded, digests are 32 bytes, kinds are known. (Only message.cpp sees protobuf.)
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "node/core/vote.hpp"

namespace halfopen::node {

struct Hello {
  std::uint32_t version = 0;
  std::string network;
  std::string name;
  bool operator==(const Hello&) const = default;
};
struct VoteMessage {
  Vote vote;
  bool operator==(const VoteMessage&) const = default;
};
struct Ack {
  VoteId vote;
  bool operator==(const Ack&) const = default;
};
struct Ping {
  std::uint64_t nonce = 0;
  bool operator==(const Ping&) const = default;
};
struct Pong {
  std::uint64_t nonce = 0;
  bool operator==(const Pong&) const = default;
};

using Message = std::variant<Hello, VoteMessage, Ack, Ping, Pong>;

// Header and body. Shared, since a broadcast gives the same bytes to every peer.
using SharedFrame = std::shared_ptr<const std::vector<std::uint8_t>>;

[[nodiscard]] SharedFrame encode_frame(const Message& message);
[[nodiscard]] Result<Message> decode_body(std::span<const std::uint8_t> body);

}  // namespace halfopen::node
