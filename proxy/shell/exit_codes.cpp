#include "proxy/shell/exit_codes.hpp"

#include <cstdio>

namespace halfopen {

int fail(int code, const std::string& text) {
  std::fprintf(stderr, "fault-proxy: %s\n", text.c_str());
  return code;
}

}  // namespace halfopen
