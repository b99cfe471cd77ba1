#include "proxy/core/stream/chunk.hpp"

#include <algorithm>
#include <new>

#include "base/assert.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kFirstRing = 4;
// An empty queue keeps a ring of at most this, so that a stream that goes to and fro allocates
// nothing.
constexpr std::size_t kKeptRing = 16;

}  // namespace

Block::Pointer Block::make(std::size_t capacity) {
  void* memory = ::operator new(sizeof(Block) + capacity);
  return Pointer{new (memory) Block(static_cast<std::uint32_t>(capacity))};
}

void Block::destroy(Block* block) {
  block->~Block();
  ::operator delete(block);
}

std::uint32_t Block::append(std::span<const char> bytes) {
  HALFOPEN_ASSERT(bytes.size() <= room());
  const std::uint32_t start = used_;
  std::copy(bytes.begin(), bytes.end(), data() + start);
  used_ += static_cast<std::uint32_t>(bytes.size());
  return start;
}

Chunk Chunk::cut(std::size_t bytes) {
  HALFOPEN_ASSERT(bytes <= size);
  Chunk first = *this;
  first.size = static_cast<std::uint32_t>(bytes);
  offset += first.size;
  size -= first.size;
  return first;
}

void ChunkQueue::push(Chunk chunk) {
  if (count_ == ring_.size()) grow();
  bytes_ += chunk.size;
  ring_[position(count_)] = std::move(chunk);
  ++count_;
}

void ChunkQueue::push_joined(Chunk chunk) {
  if (count_ > 0) {
    Chunk& last = ring_[position(count_ - 1)];
    if (last.is_followed_by(chunk)) {
      last.size += chunk.size;
      bytes_ += chunk.size;
      return;
    }
  }
  push(std::move(chunk));
}

Chunk ChunkQueue::take(std::size_t bytes) {
  HALFOPEN_ASSERT(count_ > 0);
  Chunk& front = ring_[head_];
  bytes_ -= bytes;
  if (bytes < front.size) return front.cut(bytes);
  HALFOPEN_ASSERT(bytes == front.size);
  Chunk taken = std::move(front);
  head_ = position(1);
  --count_;
  if (count_ == 0 && ring_.size() > kKeptRing) clear();
  return taken;
}

void ChunkQueue::clear() {
  *this = ChunkQueue{};
}

void ChunkQueue::grow() {
  std::vector<Chunk> larger(std::max(kFirstRing, ring_.size() * 2));
  for (std::size_t i = 0; i < count_; ++i)
    larger[i] = std::move(ring_[position(i)]);
  ring_ = std::move(larger);
  head_ = 0;
}

}  // namespace halfopen
