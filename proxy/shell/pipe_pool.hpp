// Pipes for splice(2), lent to flows while they move bulk.
//
// Intuition: a pipe holds references to the kernel's own pages, so bytes go from socket to socket
// without being copied. It costs two descriptors and a handful of pages, so only a stream that is
// busy has one, and gives it back as soon as it is not.
//
// Invariant: a pipe in the pool is empty; at most `kPipesMax` are out at once, and who gets none
// copies instead.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "proxy/shell/descriptor.hpp"

namespace halfopen {

struct Pipe {
  Descriptor read_end;
  Descriptor write_end;
};

class PipePool {
 public:
  [[nodiscard]] std::optional<Pipe> borrow();
  // Empty again.
  void give_back(Pipe pipe);
  // One that is not empty is thrown away.
  void give_up(Pipe) { --lent_; }

  [[nodiscard]] std::size_t lent() const { return lent_; }

 private:
  std::vector<Pipe> spare_;
  std::size_t lent_ = 0;
};

}  // namespace halfopen
