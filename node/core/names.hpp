// Names of nodes and networks. They come from peers and go into logs, metrics and file names, so
// only characters that mean nothing anywhere are allowed.
#pragma once

#include <string_view>

#include "node/core/limits.hpp"

namespace halfopen::node {

// 1 to 64 letters, digits, '-', '_' or '.'.
[[nodiscard]] constexpr bool is_name(std::string_view text) {
  if (text.empty() || text.size() > kNameBytesMax) return false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.') return false;
  }
  return true;
}

}  // namespace halfopen::node
