#include "harness/shell/exit_code.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace halfopen {

int complain(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems)
    std::fprintf(stderr, "halfopen: %s\n", problem.text.c_str());
  return kExitBadInput;
}

int after_output(int status) {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  // An earlier write may have failed, whose errno has gone.
  std::fprintf(stderr, "halfopen: standard output could not be written: %s\n",
               errno != 0 ? std::strerror(errno) : "some of it is missing");
  return kExitInternal;
}

}  // namespace halfopen
