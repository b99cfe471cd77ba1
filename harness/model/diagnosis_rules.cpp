#include "harness/model/diagnosis_rules.hpp"

#include <algorithm>
#include <string_view>

#include "harness/model/judge_evidence.hpp"

namespace halfopen {
namespace {

constexpr std::string_view kKernelPatience =
    "the kernel gives up on unacknowledged data only after about 15 minutes (tcp_retries2 at its "
    "default)";

// What that patience, and so an exclusion by a connection's age, depends on.
constexpr std::string_view kUndefended =
    "without keep-alive or TCP_USER_TIMEOUT on the socket and with tcp_retries2 at its default";

class Rule {
 public:
  Rule(const LogFacts& log, const CauseFingerprint& cause)
      : log_(log), cause_(cause), trace_(trace_of(cause.story)) {
    ranked_.cause = cause.cause;
    ranked_.title = cause.title;
  }

  RankedCause apply() {
    if (!cause_.measured) {
      against("not measured: this cause was not run to a conclusion, so nothing is known of it");
      return std::move(ranked_);
    }
    const std::string logged = log_.errors.empty() ? "" : log_.errors.front();
    const std::string measured = trace_.empty() ? "" : trace_.front();
    if (logged.empty()) {
      compare_without_error(measured);
    } else if (measured.empty() && arrived()) {
      fit(Fit::kExcluded);
      against("measured: the undefended node lost no vote and saw no error");
    } else if (logged == measured) {
      compare_same_first_error(logged);
    } else {
      compare_other_first_error(logged, measured);
    }
    return std::move(ranked_);
  }

 private:
  void fit(Fit value) { ranked_.fit = value; }
  void supports(std::string text) { ranked_.evidence_for.push_back(std::move(text)); }
  void against(std::string text) { ranked_.evidence_against.push_back(std::move(text)); }

  [[nodiscard]] bool arrived() const {
    return cause_.story.votes_cast > 0 && cause_.story.votes_lost == 0;
  }
  [[nodiscard]] bool first_send_ok() const {
    return !cause_.story.sends.empty() && cause_.story.sends.front() == "OK";
  }
  [[nodiscard]] std::string measured_text() const {
    return "measured: sends " + list_text(cause_.story.sends) + ", errors " + list_text(trace_);
  }
  [[nodiscard]] bool too_young_to_time_out() const {
    return log_.since_connect && *log_.since_connect < kKernelGivesUp;
  }

  void compare_without_error(const std::string& measured) {
    if (!log_.said_sent) {
      against("the log shows neither a send nor an error, so it speaks neither for nor against");
      return;
    }
    if (measured.empty()) {
      fit(arrived() ? Fit::kPossible : Fit::kFits);
      supports("measured: every send was told OK and no error came, as in the log");
      if (arrived()) against("measured: no vote was lost");
      return;
    }
    if (first_send_ok()) {
      supports("measured: the first send was told OK here too");
      against("measured: " + measured + " came with a later send, and the log shows none");
    } else {
      against("measured: " + measured + " came with the first send, and the log says it was sent");
    }
  }

  void compare_same_first_error(const std::string& logged) {
    fit(Fit::kFits);
    supports(measured_text() + ": the log's first error, " + logged + ", is the same");
    if (log_.said_sent && first_send_ok()) {
      supports("measured: the send before the error was told OK, as the log says");
    } else if (log_.said_sent) {
      fit(Fit::kPossible);
      against("measured: no send was told OK before the error, and the log reports one");
    } else if (first_send_ok()) {
      against("measured: a send was told OK before the error; the log does not mention one");
    }
    if (log_.errors.size() > 1 && trace_.size() > 1 && log_.errors[1] != trace_[1]) {
      fit(Fit::kPossible);
      against("the second error differs: " + log_.errors[1] + " in the log, " + trace_[1] +
              " measured");
    }
    if (logged == "ETIMEDOUT" && too_young_to_time_out()) {
      fit(Fit::kPossible);
      against("the connection was " + duration_words(*log_.since_connect) + " old, and " +
              std::string(kKernelPatience) +
              ": so keep-alive, TCP_USER_TIMEOUT or a lower tcp_retries2 must have been set");
    }
  }

  void compare_other_first_error(const std::string& logged, const std::string& measured) {
    against(measured.empty()
                ? "measured: sends " + list_text(cause_.story.sends) + " and no error at all"
                : measured_text() + ": the log's first error is " + logged);
    if (logged == "EPIPE") {
      compare_broken_pipe(measured);
    } else if (logged == "ECONNRESET") {
      compare_reset(measured);
    } else if (logged == "ETIMEDOUT") {
      compare_timeout(measured);
    } else {
      against("no rule connects " + logged + " with this cause, and none excludes it");
    }
  }

  // EPIPE says that this end already knew: a FIN, or an error that somebody was told before.
  void compare_broken_pipe(const std::string& measured) {
    if (measured == "ECONNRESET") {
      const bool then_pipe = trace_.size() > 1 && trace_[1] == "EPIPE";
      if (then_pipe) supports("measured: EPIPE is what the socket says after ECONNRESET");
      against(
          "possible only if the program swallowed an ECONNRESET before it logged EPIPE: in a "
          "read, in another send, or by asking SO_ERROR");
      return;
    }
    if (measured.empty()) {
      against(
          "a path that answers nothing brings no FIN and no RST, and without one of them the "
          "socket's first error is never EPIPE");
    }
    if (too_young_to_time_out()) {
      fit(Fit::kExcluded);
      against(std::string(kKernelPatience) +
              ", and with ETIMEDOUT; the log's last connection was " +
              duration_words(*log_.since_connect) + " old");
      ranked_.excluded_while = kUndefended;
      against(
          "this holds " + ranked_.excluded_while +
          "; with one of them, an ETIMEDOUT would come first, and the log's first error would be "
          "EPIPE only if the program swallowed it");
    } else {
      against("possible only if the program swallowed an ETIMEDOUT before it logged EPIPE, and " +
              std::string(kKernelPatience));
    }
  }

  // A RST came, in answer to a send or before it.
  void compare_reset(const std::string& measured) {
    if (measured == "EPIPE") {
      against(
          "a clean close shows EPIPE and never ECONNRESET; possible only if the other side "
          "closed with unread data in its buffer, which sends a RST in place of the FIN");
      return;
    }
    fit(Fit::kExcluded);
    against("where nothing answers there is no RST, and without a RST no ECONNRESET");
  }

  // Nothing came, for as long as the kernel was told to wait.
  void compare_timeout(const std::string& measured) {
    if (measured == "EPIPE") {
      against(
          "possible only if the path also went silent afterwards: whoever sent the FIN here also "
          "answered the next send with a RST, and only unanswered data or unanswered keep-alive "
          "probes, which a socket in CLOSE-WAIT sends too, end in ETIMEDOUT");
      if (too_young_to_time_out()) {
        against(std::string(kKernelPatience) +
                "; sooner only by keep-alive, TCP_USER_TIMEOUT or a lower tcp_retries2");
      }
      return;
    }
    if (measured == "ECONNRESET") {
      against(
          "possible only if whoever answered with a RST here stayed silent there: a machine "
          "that is still down, a box that drops");
      return;
    }
    if (log_.since_connect && !too_young_to_time_out()) {
      fit(Fit::kFits);
      supports("a path that answers nothing ends in ETIMEDOUT: " + std::string(kKernelPatience) +
               ", longer than the cell was watched");
    } else {
      supports("a path that answers nothing ends in ETIMEDOUT in the end");
      against(std::string(kKernelPatience) +
              "; sooner only by keep-alive, TCP_USER_TIMEOUT or a lower tcp_retries2");
    }
  }

  const LogFacts& log_;
  const CauseFingerprint& cause_;
  std::vector<std::string> trace_;
  RankedCause ranked_;
};

}  // namespace

std::string list_text(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items)
    text += (text.empty() ? "" : ", ") + item;
  return "[" + text + "]";
}

std::vector<std::string> trace_of(const DeathStory& story) {
  std::vector<std::string> trace;
  for (const std::string& error : {story.first_error, story.second_error}) {
    const bool known = !error.empty() && error != "OK";
    if (known && std::find(trace.begin(), trace.end(), error) == trace.end()) {
      trace.push_back(error);
    }
  }
  return trace;
}

RankedCause rank_cause(const LogFacts& log, const CauseFingerprint& cause) {
  return Rule(log, cause).apply();
}

}  // namespace halfopen
