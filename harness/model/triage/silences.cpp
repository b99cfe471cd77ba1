#include "harness/model/triage/silences.hpp"

namespace halfopen {

void Silences::note(const Line& line, Excerpt& excerpt) {
  if (line.at) {
    if (!excerpt.first_at) excerpt.first_at = line.at;
    if (!seen_error_) {
      if (last_ && *line.at > *last_) note_gap(*line.at - *last_, line.has_error, excerpt);
      if (line.has_error) note_wait(*line.at, excerpt);
      if (line.says_sent && !sent_after_quiet_) sent_after_quiet_ = line.at;
    }
    before_ = last_;
    last_ = line.at;
    excerpt.last_at = line.at;
    tells_of_failure_ = line.tells_of_failure;
  } else if (line.has_error && !seen_error_) {
    blame_the_line_above(excerpt);
  }
  seen_error_ = seen_error_ || line.has_error;
}

void Silences::note_gap(Duration gap, bool has_error, Excerpt& excerpt) {
  if (!excerpt.silence || gap > *excerpt.silence) {
    excerpt.silence = gap;
    excerpt.silence_until_line = excerpt.lines;
    excerpt.silence_ends_with_error = has_error;
  }
  if (has_error || (excerpt.quiet && gap <= *excerpt.quiet)) return;
  second_quiet_ = excerpt.quiet;
  second_until_line_ = excerpt.quiet_until_line;
  excerpt.quiet = gap;
  excerpt.quiet_until_line = excerpt.lines;
  sent_after_quiet_.reset();
}

void Silences::note_wait(Duration error_at, Excerpt& excerpt) const {
  if (last_ && error_at >= *last_) excerpt.wait = error_at - *last_;
  if (!sent_after_quiet_ || !excerpt.wait || *excerpt.wait >= kKernelGivesUpMin) return;
  // Other threads go on writing lines while the kernel retransmits.
  const Duration since_sent = error_at - *sent_after_quiet_;
  const bool is_patience = since_sent >= kKernelGivesUpMin && since_sent <= kKernelGivesUpMax;
  if (is_patience) excerpt.wait = since_sent;
}

// "ERROR publish failed", and the exception below it without a time: one error in two lines, and
// the silence before the first of them is the error's.
void Silences::blame_the_line_above(Excerpt& excerpt) const {
  if (!tells_of_failure_ || !last_ || !before_ || *last_ < *before_) return;
  excerpt.wait = *last_ - *before_;
  if (excerpt.silence == excerpt.wait) excerpt.silence_ends_with_error = true;
  if (excerpt.quiet != excerpt.wait) return;
  excerpt.quiet = second_quiet_;
  excerpt.quiet_until_line = second_until_line_;
}

}  // namespace halfopen
