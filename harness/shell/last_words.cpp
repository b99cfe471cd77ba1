#include "harness/shell/last_words.hpp"

#include <fstream>
#include <iterator>

#include "base/printable_text.hpp"

namespace halfopen {
namespace {

constexpr std::streamoff kReadBytes = 64L * 1024;
constexpr std::size_t kShownBytes = 400;
constexpr const char* kBlank = " \t\r\n";

}  // namespace

std::string last_words(const std::string& log_path) {
  std::ifstream file(log_path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file ? static_cast<std::streamoff>(file.tellg()) : 0;
  if (size <= 0) return "(nothing)";
  const std::streamoff begin = size > kReadBytes ? size - kReadBytes : 0;
  // Its process may still write: no more than was there when we looked.
  std::string text(static_cast<std::size_t>(size - begin), '\0');
  file.seekg(begin);
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const std::size_t last = text.find_last_not_of(kBlank);
  if (last == std::string::npos) return "(nothing)";
  const std::size_t line_break = text.rfind('\n', last);
  const std::size_t first = line_break == std::string::npos ? 0 : line_break + 1;
  return printable(std::string_view(text).substr(first, last + 1 - first), kShownBytes);
}

std::string first_line_with(const std::string& log_path, const std::string& words) {
  std::ifstream file(log_path, std::ios::binary);
  std::string line;
  while (std::getline(file, line)) {
    if (line.find(words) != std::string::npos) return printable(line, kShownBytes);
  }
  return "";
}

}  // namespace halfopen
