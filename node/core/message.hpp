// The typed messages of the wire, and their frames. Whatever decodes is valid by itself: names are
// bounded, digests are 32 bytes, kinds are known. (Only message.cpp sees protobuf.)
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
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
  SignedVote vote;  // well formed; whether the signature is the voter's is for the receiver to see
  bool operator==(const VoteMessage&) const = default;
};
struct Ack {
  std::vector<VoteId> votes;  // 1 to kAckVotesMax
  bool operator==(const Ack&) const = default;
};
// Why a vote is never stored, however often it is sent.
enum class Refusal : std::uint8_t {
  kWrongNetwork = 1,
  kWrongVoter,
  kBadSignature,
  kBadTime,
  kEquivocation,
};
[[nodiscard]] std::string_view name_of(Refusal refusal);
struct Reject {
  VoteId vote;
  Refusal refusal{};
  bool operator==(const Reject&) const = default;
};
struct Ping {
  std::uint64_t nonce = 0;
  bool operator==(const Ping&) const = default;
};
struct Pong {
  std::uint64_t nonce = 0;
  bool operator==(const Pong&) const = default;
};

using Message = std::variant<Hello, VoteMessage, Ack, Reject, Ping, Pong>;

// Header and body. Shared, since a broadcast gives the same bytes to every peer.
using SharedFrame = std::shared_ptr<const std::vector<std::uint8_t>>;

[[nodiscard]] SharedFrame encode_frame(const Message& message);

// Encodes one frame after the other into the same memory, as long as nobody holds the last frame
// any more: what is sent for days costs no allocation. All frames must be held on one thread.
class FrameMemory {
 public:
  [[nodiscard]] SharedFrame encode(const Message& message);

 private:
  std::shared_ptr<std::vector<std::uint8_t>> last_;
};
[[nodiscard]] Result<Message> decode_body(std::span<const std::uint8_t> body);

}  // namespace halfopen::node
