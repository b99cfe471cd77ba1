#include "node/core/message.hpp"

#include <google/protobuf/arena.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "base/assert.hpp"
#include "node/core/limits.hpp"
#include "node/core/names.hpp"
#include "wire.pb.h"

namespace halfopen::node {
namespace {

void fill(wire::Frame& frame, const Hello& hello) {
  wire::Hello& out = *frame.mutable_hello();
  out.set_version(hello.version);
  out.set_network(hello.network);
  out.set_name(hello.name);
}

void fill(wire::Frame& frame, const VoteMessage& message) {
  const Vote& vote = message.vote.vote;
  wire::Vote& out = *frame.mutable_vote()->mutable_vote();
  out.set_network(vote.network);
  out.set_height(vote.height);
  out.set_round(vote.round);
  out.set_kind(vote.kind == VoteKind::kPrevote ? wire::KIND_PREVOTE : wire::KIND_PRECOMMIT);
  if (vote.choice) out.set_choice(vote.choice->raw());
  out.set_voter(vote.voter.raw());
  out.set_time_milliseconds(vote.time_milliseconds);
  out.set_signature(std::string(message.vote.signature.begin(), message.vote.signature.end()));
}

void fill(wire::Frame& frame, const Ack& ack) {
  HALFOPEN_ASSERT(!ack.votes.empty() && ack.votes.size() <= kAckVotesMax);
  for (const VoteId& vote : ack.votes)
    frame.mutable_ack()->add_vote_id(vote.raw());
}
void fill(wire::Frame& frame, const Reject& reject) {
  frame.mutable_reject()->set_vote_id(reject.vote.raw());
  frame.mutable_reject()->set_refusal(static_cast<wire::Refusal>(reject.refusal));
}
void fill(wire::Frame& frame, const Ping& ping) {
  frame.mutable_ping()->set_nonce(ping.nonce);
}
void fill(wire::Frame& frame, const Pong& pong) {
  frame.mutable_pong()->set_nonce(pong.nonce);
}

Result<Message> read(const wire::Hello& in) {
  if (!is_name(in.network()) || !is_name(in.name())) {
    return Problem{"a hello needs a network and a name of 1 to 64 plain characters"};
  }
  return Message{Hello{in.version(), in.network(), in.name()}};
}

Result<Message> read(const wire::Vote& in) {
  if (!is_name(in.network())) {
    return Problem{"a vote needs a network of 1 to 64 plain characters"};
  }
  const auto voter = PublicKey::from_raw(in.voter());
  if (!voter) return Problem{"a voter is an Ed25519 key of 32 bytes"};
  Signature signature{};
  if (in.signature().size() != signature.size()) return Problem{"a signature is 64 bytes"};
  std::copy(in.signature().begin(), in.signature().end(), signature.begin());
  Vote vote;
  vote.network = in.network();
  vote.height = in.height();
  vote.round = in.round();
  if (in.kind() != wire::KIND_PREVOTE && in.kind() != wire::KIND_PRECOMMIT) {
    return Problem{"a vote is a prevote or a precommit"};
  }
  vote.kind = in.kind() == wire::KIND_PREVOTE ? VoteKind::kPrevote : VoteKind::kPrecommit;
  if (!in.choice().empty()) {
    vote.choice = Choice::from_raw(in.choice());
    if (!vote.choice) return Problem{"a choice is 32 bytes, or empty for nil"};
  }
  vote.voter = *voter;
  vote.time_milliseconds = in.time_milliseconds();
  return Message{VoteMessage{{std::move(vote), signature}}};
}

Result<Message> read(const wire::Ack& in) {
  const auto count = static_cast<std::size_t>(in.vote_id_size());
  if (count == 0 || count > kAckVotesMax) {
    return Problem{"an acknowledgement names 1 to ", std::to_string(kAckVotesMax), " votes"};
  }
  Ack ack;
  ack.votes.reserve(count);
  for (const std::string& raw : in.vote_id()) {
    const auto id = VoteId::from_raw(raw);
    if (!id) return Problem{"an acknowledgement names a vote by 32 bytes"};
    ack.votes.push_back(*id);
  }
  return Message{std::move(ack)};
}

Result<Message> read(const wire::Reject& in) {
  const auto id = VoteId::from_raw(in.vote_id());
  if (!id) return Problem{"a rejection names a vote by 32 bytes"};
  const int refusal = in.refusal();
  if (refusal < wire::REFUSAL_WRONG_NETWORK || refusal > wire::REFUSAL_EQUIVOCATION) {
    return Problem{"a rejection has one of five reasons"};
  }
  return Message{Reject{*id, static_cast<Refusal>(refusal)}};
}

// A frame in memory of the stack: small ones, pings above all, never see the heap.
class WireFrame {
 public:
  WireFrame() : arena_(options_of(block_)) {}
  wire::Frame& operator*() { return *frame_; }

 private:
  using Block = std::array<char, 1024>;
  static google::protobuf::ArenaOptions options_of(Block& block) {
    google::protobuf::ArenaOptions options;
    options.initial_block = block.data();
    options.initial_block_size = block.size();
    return options;
  }

  alignas(std::max_align_t) Block block_;
  google::protobuf::Arena arena_;
  wire::Frame* frame_ = google::protobuf::Arena::CreateMessage<wire::Frame>(&arena_);
};

// The frame of a ping, whatever its nonce.
constexpr std::size_t kSmallFrameBytes = 32;

void encode_into(std::vector<std::uint8_t>& bytes, const Message& message) {
  WireFrame memory;
  wire::Frame& frame = *memory;
  std::visit([&](const auto& content) { fill(frame, content); }, message);
  const std::size_t body_bytes = frame.ByteSizeLong();
  // Names and digests are bounded, so our own messages always fit.
  HALFOPEN_ASSERT(body_bytes >= 1 && body_bytes <= kFrameBodyBytesMax);
  bytes.resize(kFrameHeaderBytes + body_bytes);
  for (std::size_t i = 0; i < kFrameHeaderBytes; ++i) {
    bytes[i] = static_cast<std::uint8_t>(body_bytes >> (8 * (kFrameHeaderBytes - 1 - i)));
  }
  const bool written =
      frame.SerializeToArray(bytes.data() + kFrameHeaderBytes, static_cast<int>(body_bytes));
  HALFOPEN_ASSERT(written);
}

}  // namespace

std::string_view name_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::kWrongNetwork:
      return "wrong_network";
    case Refusal::kWrongVoter:
      return "wrong_voter";
    case Refusal::kBadSignature:
      return "bad_signature";
    case Refusal::kBadTime:
      return "bad_time";
    case Refusal::kEquivocation:
      return "equivocation";
  }
  return "unknown";
}

SharedFrame encode_frame(const Message& message) {
  auto bytes = std::make_shared<std::vector<std::uint8_t>>();
  encode_into(*bytes, message);
  return bytes;
}

SharedFrame FrameMemory::encode(const Message& message) {
  if (last_.use_count() != 1) {
    last_ = std::make_shared<std::vector<std::uint8_t>>();
    last_->reserve(kSmallFrameBytes);
  }
  encode_into(*last_, message);
  return last_;
}

Result<Message> decode_body(std::span<const std::uint8_t> body) {
  WireFrame memory;
  wire::Frame& frame = *memory;
  if (!frame.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return Problem{"the body of a frame is no protobuf Frame"};
  }
  switch (frame.content_case()) {
    case wire::Frame::kHello:
      return read(frame.hello());
    case wire::Frame::kVote:
      return read(frame.vote().vote());
    case wire::Frame::kAck:
      return read(frame.ack());
    case wire::Frame::kReject:
      return read(frame.reject());
    case wire::Frame::kPing:
      return Message{Ping{frame.ping().nonce()}};
    case wire::Frame::kPong:
      return Message{Pong{frame.pong().nonce()}};
    case wire::Frame::CONTENT_NOT_SET:
      break;
  }
  return Problem{"a frame holds no message that version 2 knows"};
}

}  // namespace halfopen::node
