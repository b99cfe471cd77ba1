// Live progress on a terminal: what runs now, at which step, for how long. Without a terminal one
// line is printed when a run ends, so that a CI log stays readable.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"

namespace halfopen {

// The terminal's width, COLUMNS where it is set, else wide: a file or a CI log can be scrolled.
[[nodiscard]] std::size_t terminal_width();

struct RunningLine {
  std::string run_id;
  std::string step;
  double seconds = 0;
};

class Progress {
 public:
  Progress(bool terminal, std::size_t total) : terminal_(terminal), total_(total) {}

  // Prints `line` above the moving part.
  void print(const std::string& line);
  // Draws the moving part again; nothing without a terminal.
  // `remaining` is an estimate, where there is one.
  void draw(const std::vector<RunningLine>& running, std::size_t done,
            std::optional<Duration> remaining);
  // Removes the moving part.
  void clear();

 private:
  bool terminal_;
  std::size_t total_;
  std::size_t drawn_lines_ = 0;
};

// A line on the terminal that is gone when this ends; nothing where there is no terminal.
class PassingLine {
 public:
  PassingLine(bool terminal, const std::string& text);
  ~PassingLine();
  PassingLine(const PassingLine&) = delete;
  PassingLine& operator=(const PassingLine&) = delete;

 private:
  bool terminal_;
};

}  // namespace halfopen
