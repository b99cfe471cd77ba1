// The times without a line, each by what it stands between: idle time, or waiting for an answer.
//
// Lines come in the text's order. Only what went before the first error counts: what follows it is
// about another connection, or about the end of this one.
#pragma once

#include <cstddef>
#include <optional>

#include "harness/model/triage/excerpt.hpp"

namespace halfopen {

class Silences {
 public:
  struct Line {
    std::optional<Duration> at;
    bool has_error = false;
    bool says_sent = false;         // a send was told OK
    bool tells_of_failure = false;  // of whatever: "ERROR publish failed"
  };
  // Call it once the excerpt's `lines` counts this line.
  void note(const Line& line, Excerpt& excerpt);

 private:
  void note_gap(Duration gap, bool has_error, Excerpt& excerpt);
  void note_wait(Duration error_at, Excerpt& excerpt) const;
  void blame_the_line_above(Excerpt& excerpt) const;

  std::optional<Duration> last_;    // the time of the last line that has one
  std::optional<Duration> before_;  // ... and of the one before
  std::optional<Duration> sent_after_quiet_;
  std::optional<Duration> second_quiet_;  // the longest before `quiet`
  std::size_t second_until_line_ = 0;
  bool tells_of_failure_ = false;  // the last line that has a time
  bool seen_error_ = false;
};

}  // namespace halfopen
