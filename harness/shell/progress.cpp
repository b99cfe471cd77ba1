#include "harness/shell/progress.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace halfopen {
namespace {

constexpr std::size_t kLinesMax = 14;
constexpr std::size_t kWidthMax = 78;  // a wrapped line would break the redrawing
constexpr std::size_t kWidthMin = 40;
constexpr std::size_t kWide = 200;

}  // namespace

std::size_t terminal_width() {
  if (const char* columns = std::getenv("COLUMNS")) {
    const unsigned long width = std::strtoul(columns, nullptr, 10);
    if (width > 0) return std::max(width, kWidthMin);
  }
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kWide;
  return std::max<std::size_t>(size.ws_col, kWidthMin);
}

PassingLine::PassingLine(bool terminal, const std::string& text) : terminal_(terminal) {
  if (!terminal_) return;
  std::printf("%.*s", static_cast<int>(kWidthMax), text.c_str());
  std::fflush(stdout);
}

PassingLine::~PassingLine() {
  if (!terminal_) return;
  std::printf("\r\x1b[K");
  // At once: what is written to standard error next must not be erased with it.
  std::fflush(stdout);
}

void Progress::clear() {
  if (drawn_lines_ == 0) return;
  std::printf("\x1b[%zuA\x1b[J", drawn_lines_);
  // At once: what is written to standard error next must not be erased with it.
  std::fflush(stdout);
  drawn_lines_ = 0;
}

void Progress::print(const std::string& line) {
  clear();
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void Progress::draw(const std::vector<RunningLine>& running, std::size_t done,
                    std::optional<Duration> remaining) {
  if (!terminal_) return;
  clear();
  std::printf("%zu of %zu runs ended, %zu running", done, total_, running.size());
  if (remaining) {
    const auto left = std::chrono::duration_cast<std::chrono::seconds>(*remaining).count();
    std::printf(", about %lld:%02lld left", static_cast<long long>(left / 60),
                static_cast<long long>(left % 60));
  }
  std::printf("\n");
  drawn_lines_ = 1;
  for (const RunningLine& line : running) {
    if (drawn_lines_ >= kLinesMax) break;
    std::array<char, 256> text{};
    std::snprintf(text.data(), text.size(), "  %5.1f s  %-14s %s", line.seconds, line.step.c_str(),
                  line.run_id.c_str());
    std::printf("%.*s\n", static_cast<int>(kWidthMax), text.data());
    ++drawn_lines_;
  }
  std::fflush(stdout);
}

}  // namespace halfopen
