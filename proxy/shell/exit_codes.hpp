// How fault-proxy ends. 0 is: on request, or done.
#pragma once

#include <string>

namespace halfopen {

inline constexpr int kExitFailure = 1;    // could not start, or the server refused
inline constexpr int kExitBadInput = 64;  // nothing was tried
inline constexpr int kExitInternal = 70;

// Says why on stderr, in one line, and answers the code.
int fail(int code, const std::string& text);

}  // namespace halfopen
