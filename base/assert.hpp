// An assertion that stays on in release builds: it marks our own bugs, and a core that has one
// must not go on voting. Bad peers and bad input are never assertions, they are Results.
#pragma once

namespace halfopen {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace halfopen

#define HALFOPEN_ASSERT(expression)                                  \
  do {                                                               \
    if (!(expression)) [[unlikely]]                                  \
      ::halfopen::assertion_failed(#expression, __FILE__, __LINE__); \
  } while (false)
