// Bytes on their way through a chain, and a queue of them.
//
// Intuition: bytes are copied once, into a block; stages then hand on views of it. So a delay, a
// cut or a limit costs the same for one byte as for thousands, and a block is gone when its last
// view is.
//
// Invariants: no two chunks of a chain cover the same byte, so whoever holds one may change it.
#pragma once

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/time.hpp"

namespace halfopen {

// Memory of a fixed size that fills up from its beginning. Counted without atomics: one thread.
class Block {
 public:
  using Pointer = boost::intrusive_ptr<Block>;
  [[nodiscard]] static Pointer make(std::size_t capacity);
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  [[nodiscard]] char* data() { return reinterpret_cast<char*>(this + 1); }
  [[nodiscard]] std::size_t room() const { return capacity_ - used_; }
  // At most room() bytes; answers where they begin.
  std::uint32_t append(std::span<const char> bytes);

 private:
  explicit Block(std::uint32_t capacity) : capacity_(capacity) {}
  ~Block() = default;
  friend void intrusive_ptr_add_ref(Block* block) { ++block->references_; }
  friend void intrusive_ptr_release(Block* block) {
    if (--block->references_ == 0) destroy(block);
  }
  static void destroy(Block* block);

  std::uint32_t references_ = 0;
  std::uint32_t capacity_;
  std::uint32_t used_ = 0;
};

struct Chunk {
  Block::Pointer block{};
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  Instant at;             // when it arrived at where it is
  bool is_alone = false;  // to be written apart from its neighbours

  [[nodiscard]] std::span<char> bytes() const { return {block->data() + offset, size}; }
  // Takes the first `bytes` off.
  [[nodiscard]] Chunk cut(std::size_t bytes);
  [[nodiscard]] bool is_followed_by(const Chunk& next) const {
    return block == next.block && offset + size == next.offset && !is_alone && !next.is_alone;
  }
};

// First in, first out; without memory of its own while it is empty.
class ChunkQueue {
 public:
  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

  void push(Chunk chunk);
  // Makes one chunk of what lies side by side, whenever it came.
  void push_joined(Chunk chunk);
  [[nodiscard]] const Chunk& front() const { return ring_[head_]; }
  // The first `bytes` of the front, at most all of it.
  Chunk take(std::size_t bytes);
  void clear();

 private:
  [[nodiscard]] std::size_t position(std::size_t index) const {
    return (head_ + index) & (ring_.size() - 1);
  }
  void grow();

  std::vector<Chunk> ring_;  // its size is 0 or a power of two
  std::size_t head_ = 0;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace halfopen
