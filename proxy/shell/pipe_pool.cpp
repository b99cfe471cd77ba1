#include "proxy/shell/pipe_pool.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace halfopen {
namespace {

constexpr std::size_t kPipesMax = 256;
constexpr std::size_t kSparePipesMax = 16;
// Slots of 4 KiB pages; a slot holds one fragment of the socket's buffer, which on loopback is up
// to 32 KiB.
constexpr int kPipeBytes = 256 * 1024;

}  // namespace

std::optional<Pipe> PipePool::borrow() {
  if (lent_ >= kPipesMax) return std::nullopt;
  if (spare_.empty()) {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) != 0) return std::nullopt;
    // Refused where the user's pipes hold too many pages already; the default size does, too.
    (void)fcntl(ends[1], F_SETPIPE_SZ, kPipeBytes);
    ++lent_;
    return Pipe{Descriptor{ends[0]}, Descriptor{ends[1]}};
  }
  Pipe pipe = std::move(spare_.back());
  spare_.pop_back();
  ++lent_;
  return pipe;
}

void PipePool::give_back(Pipe pipe) {
  --lent_;
  if (spare_.size() < kSparePipesMax) spare_.push_back(std::move(pipe));
}

}  // namespace halfopen
