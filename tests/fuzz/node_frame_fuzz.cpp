// Whatever a peer sends: the frame reader answers messages or a Problem, and the same ones however
// the bytes are cut into reads.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "node/core/frame_reader.hpp"

namespace {

using namespace halfopen::node;  // NOLINT: a test

struct Outcome {
  std::vector<Message> messages;
  bool failed = false;
  bool operator==(const Outcome&) const = default;
};

Outcome read_in_pieces(std::span<const std::uint8_t> bytes, std::size_t size) {
  Outcome outcome;
  FrameReader reader;
  for (std::size_t at = 0; at < bytes.size() && !outcome.failed; at += size) {
    reader.push(bytes.subspan(at, std::min(size, bytes.size() - at)));
    for (;;) {
      auto next = reader.next();
      outcome.failed = next.has_error();
      if (outcome.failed || !next->has_value()) break;
      // What was understood can be said again, and is understood again.
      const SharedFrame again = encode_frame(**next);
      const auto decoded = decode_body(std::span(*again).subspan(4));
      if (decoded.has_error() || *decoded != **next) std::abort();
      outcome.messages.push_back(std::move(**next));
    }
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes(data, size);
  if (read_in_pieces(bytes, 1) != read_in_pieces(bytes, 4096)) std::abort();
  return 0;
}
