#include "harness/model/diagnosis.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "harness/model/diagnosis_rules.hpp"
#include "harness/model/judge_evidence.hpp"

namespace halfopen {
namespace {

std::string joined(const std::vector<std::string>& parts, const std::string& last_word) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " " + last_word + " " : ", ";
    text += parts[i];
  }
  return text;
}

// Writes the paragraph: what the log shows, what that means, which causes, what would decide.
class Conclusion {
 public:
  Conclusion(const LogFacts& log, const std::vector<CauseFingerprint>& causes,
             const std::vector<RankedCause>& ranking)
      : log_(log), causes_(causes), ranking_(ranking) {}

  std::string write() {
    if (log_.errors.empty() && !log_.said_sent) {
      return "The log shows neither a send nor an error, so it allows no diagnosis: it fits every "
             "cause. What is needed is the result of each send with its errno and time.";
    }
    say_what_the_log_shows();
    say_what_the_first_error_means();
    say_which_causes();
    say_what_would_decide();
    say_what_defences_do();
    return std::move(text_);
  }

 private:
  void say(const std::string& sentence) { text_ += (text_.empty() ? "" : " ") + sentence; }

  [[nodiscard]] std::vector<std::string> titles(Fit fit, bool measured) const {
    std::vector<std::string> result;
    for (const RankedCause& ranked : ranking_) {
      if (ranked.fit == fit && is_measured(ranked) == measured) {
        result.push_back("\"" + ranked.title + "\"");
      }
    }
    return result;
  }
  [[nodiscard]] const CauseFingerprint* fingerprint(const RankedCause& ranked) const {
    const auto found = std::find_if(causes_.begin(), causes_.end(),
                                    [&](const auto& cause) { return cause.cause == ranked.cause; });
    return found == causes_.end() ? nullptr : &*found;
  }
  [[nodiscard]] bool is_measured(const RankedCause& ranked) const {
    const CauseFingerprint* found = fingerprint(ranked);
    return found != nullptr && found->measured;
  }

  void say_what_the_log_shows() {
    std::string sentence = "The log shows ";
    if (log_.connected_idle) {
      sentence += "a connection that was idle for " + duration_words(*log_.connected_idle);
      if (log_.since_start && *log_.since_start > *log_.connected_idle) {
        sentence += " (the " + duration_words(*log_.since_start) +
                    " since the program's start are not idle time)";
      }
      sentence += ", ";
    }
    if (log_.said_sent) sentence += "a send that was told OK, ";
    sentence += log_.errors.empty() ? "and no error." : "then " + joined(log_.errors, "and") + ".";
    say(sentence);
  }

  void say_what_the_first_error_means() {
    const std::string first = log_.errors.empty() ? "" : log_.errors.front();
    if (first == "EPIPE") {
      say("EPIPE as the first error means that a FIN had arrived before the send and nobody had "
          "read it, or that an earlier error, ECONNRESET or ETIMEDOUT, was swallowed.");
    } else if (first == "ECONNRESET") {
      say("ECONNRESET as the first error means that a RST had come: the peer, or a box on the way, "
          "no longer knew the connection.");
    } else if (first == "ETIMEDOUT") {
      say("ETIMEDOUT means that nothing answered at all, neither data nor probes, until the kernel "
          "gave up.");
    } else if (first.empty()) {
      say("Without an error either nothing failed yet or nothing answers: behind a silent drop the "
          "kernel accepts sends for about 15 minutes before it says ETIMEDOUT.");
    } else {
      say(first + " is not among the errors by which these causes differ.");
    }
  }

  void say_which_causes() {
    const auto fits = titles(Fit::kFits, true);
    if (fits.empty()) {
      say("No measured cause fits as it stands.");
    } else {
      say((fits.size() == 1 ? "What fits is " : "What fit are ") + joined(fits, "and") + ".");
    }
    if (fits.size() > 1) {
      say(std::string(same_traces() ? "They leave the same trace" : "Each agrees with all") +
          " in this log, so it cannot tell them apart.");
    }
    if (const auto possible = titles(Fit::kPossible, true); !possible.empty()) {
      say("Possible under a condition: " + joined(possible, "and") + condition() + ".");
    }
    say_what_is_excluded();
    if (const auto unmeasured = titles(Fit::kPossible, false); !unmeasured.empty()) {
      say("Not measured, so open: " + joined(unmeasured, "and") + ".");
    }
  }

  void say_what_is_excluded() {
    std::map<std::string, std::vector<std::string>> by_condition;
    for (const RankedCause& ranked : ranking_) {
      if (ranked.fit != Fit::kExcluded) continue;
      by_condition[ranked.excluded_while].push_back("\"" + ranked.title + "\"");
    }
    for (const auto& [condition, causes] : by_condition) {
      say("Excluded: " + joined(causes, "and") +
          (condition.empty() ? "." : " (" + condition + ")."));
    }
  }

  [[nodiscard]] bool same_traces() const {
    std::vector<std::vector<std::string>> traces;
    for (const RankedCause& ranked : ranking_) {
      const CauseFingerprint* cause = fingerprint(ranked);
      if (ranked.fit == Fit::kFits && cause != nullptr) traces.push_back(trace_of(cause->story));
    }
    return std::adjacent_find(traces.begin(), traces.end(), std::not_equal_to<>()) == traces.end();
  }

  // The one condition of all possible causes, where it is one.
  [[nodiscard]] std::string condition() const {
    const std::string first = log_.errors.empty() ? "" : log_.errors.front();
    if (first == "EPIPE") return " (the program must have swallowed an earlier error)";
    if (first.empty()) return " (the error would have come with a send that the log does not show)";
    return "";
  }

  void say_what_would_decide() {
    const std::string first = log_.errors.empty() ? "" : log_.errors.front();
    if (first == "EPIPE") {
      say("What would decide: the peer's uptime and log at that time, the idle timeout of every "
          "balancer on the path, a capture that shows who sent the FIN and when, ss -tino on the "
          "idle node (CLOSE-WAIT is a FIN that nobody read), and the socket's second errno and "
          "SO_ERROR, which a swallowed ECONNRESET gives away.");
    } else if (first == "ECONNRESET") {
      say("What would decide: a capture that shows who sent the RST, by its TTL and whether the "
          "peer saw the segment that drew it, the peer's uptime, and the idle timeout of every "
          "NAT and firewall on the path.");
    } else {
      say("What would decide: ss -tino on the sender (unacknowledged data, retransmissions, the "
          "age of the last ACK), a capture on both ends, and the idle timeout of every NAT and "
          "firewall on the path.");
    }
  }

  void say_what_defences_do() {
    say("About defences: a keep-alive as long as a mapping's timeout (30 s against 30 s) is a "
        "race, not a fix; keep-alive alone helps neither against an idle close by a box that "
        "counts bytes nor against a restart.");
    if (log_.said_sent) {
      say("Whatever the cause, the bytes of a send that was told OK may be lost: what was never "
          "acknowledged must be sent again.");
    }
  }

  const LogFacts& log_;
  const std::vector<CauseFingerprint>& causes_;
  const std::vector<RankedCause>& ranking_;
  std::string text_;
};

}  // namespace

Diagnosis diagnose(const LogFacts& log, const std::vector<CauseFingerprint>& causes) {
  Diagnosis diagnosis;
  for (const CauseFingerprint& cause : causes) {
    diagnosis.ranking.push_back(rank_cause(log, cause));
  }
  std::stable_sort(diagnosis.ranking.begin(), diagnosis.ranking.end(),
                   [](const RankedCause& a, const RankedCause& b) { return a.fit < b.fit; });
  diagnosis.conclusion = Conclusion(log, causes, diagnosis.ranking).write();
  return diagnosis;
}

}  // namespace halfopen
