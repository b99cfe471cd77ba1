#include "node/shell/keygen.hpp"

#include <cstdio>

#include "node/shell/key_file.hpp"

namespace halfopen::node {
namespace {

int print_keys(const std::vector<std::string>& files,
               Result<SigningKey> (*get)(const std::string& file)) {
  for (const std::string& file : files) {
    const auto key = get(file);
    if (key.has_error()) {
      std::fprintf(stderr, "vote-node: %s\n", key.error().text.c_str());
      return 1;
    }
    std::printf("%s %s\n", file.c_str(), key->public_key().hex().c_str());
  }
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace

int make_keys(const std::vector<std::string>& files) {
  return print_keys(files, &create_key_file);
}

int show_keys(const std::vector<std::string>& files) {
  return print_keys(files, &read_key_file);
}

}  // namespace halfopen::node
