// Opens many connections, says so, and holds them idle until its standard input ends: what they
// cost is measured from outside meanwhile.
#include <unistd.h>

#include <cstdio>

#include "tests/bench/load/crowd.hpp"

namespace halfopen::load {

int run_hold(const Options& options) {
  Crowd crowd{options.port("listen"), options.port("connect"),
              static_cast<std::size_t>(options.need("connections"))};
  std::printf("{\"held\": %lld}\n", static_cast<long long>(options.need("connections")));
  std::fflush(stdout);
  char byte = 0;
  while (read(STDIN_FILENO, &byte, 1) > 0)
    continue;
  crowd.close_all();
  return 0;
}

}  // namespace halfopen::load
