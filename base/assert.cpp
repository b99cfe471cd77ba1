#include "base/assert.hpp"

#include <cstdio>
#include <cstdlib>

namespace halfopen {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "halfopen: internal error: %s does not hold at %s:%d\n", expression, file,
               line);
  std::abort();
}

}  // namespace halfopen
