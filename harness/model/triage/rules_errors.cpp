// What the first error says, and what a silence before it does.
#include <algorithm>
#include <map>

#include "base/duration_text.hpp"
#include "harness/model/prediction/nat_terms.hpp"
#include "harness/model/triage/triage.hpp"
#include "profiles/profiles.hpp"

namespace halfopen {
namespace {

using std::chrono::seconds;

// Keep-alive as Linux has it by default: 7200 s + 9 x 75 s, and what a probe's timer adds.
constexpr Duration kKeepAliveDefault = seconds(7875);
constexpr Duration kKeepAliveSlack = seconds(90);
constexpr Duration kIdleMin = seconds(20);
constexpr Duration kInUseMax = seconds(5);

std::string whole(Duration duration) {
  if (duration >= seconds(10)) duration = std::chrono::duration_cast<seconds>(duration);
  return format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(duration));
}

// What a known middlebox does, as a cause.
Cause behaviour_of(const NatTerms& terms) {
  if (terms.on_expiry == "fin_both") return Cause::kIdleClose;
  const bool resets = terms.on_expiry != "none" || terms.inside == Forgotten::kReset ||
                      terms.outside == Forgotten::kReset;
  return resets ? Cause::kResetOnNext : Cause::kSilentDrop;
}

void judge_broken_pipe(Bench& bench) {
  bench.supports(
      Cause::kIdleClose, 4,
      "EPIPE is the first error: a FIN had come before, and the program had not read it");
  bench.supports(Cause::kPeerRestart, 3,
                 "EPIPE is the first error: the kernel of a process that ends sends a FIN as well");
  bench.supports(Cause::kOwnClose, 1, "EPIPE also follows this program's own shutdown for writing");
  bench.opposes(
      Cause::kResetOnNext, 1,
      "a reset shows ECONNRESET first; EPIPE only where the program swallowed that error");
  bench.opposes(Cause::kPowerLoss, 1, "a machine that boots again resets: ECONNRESET comes first");
  bench.excludes(Cause::kSilentDrop,
                 "a silent drop brings neither FIN nor RST, so EPIPE is never its first error "
                 "(unless the program swallowed an earlier one)");
  bench.excludes(Cause::kPathOutage,
                 "a cut path ends in ETIMEDOUT; EPIPE is never its first error (unless the program "
                 "swallowed an earlier one)");
}

void judge_reset(const Excerpt& excerpt, Bench& bench) {
  bench.supports(Cause::kResetOnNext, 3,
                 "ECONNRESET: a box that has forgotten the flow answers its next packet so");
  bench.supports(
      Cause::kPeerRestart, 3,
      "ECONNRESET: a peer that ended with unread data, or was started anew, sends a reset");
  bench.supports(Cause::kResetInUse, 2,
                 "ECONNRESET: balancers and the peer's own program can reset");
  bench.supports(Cause::kPowerLoss, 2,
                 "ECONNRESET: a machine that has booted again knows no such connection");
  bench.opposes(
      Cause::kIdleClose, 2,
      "a clean close of an idle connection shows EOF or EPIPE, not ECONNRESET, unless data "
      "crossed it");
  const bool silent_too =
      excerpt.has(ClueKind::kTimedOut) || excerpt.has(ClueKind::kProgramTimeout);
  if (!silent_too) {
    bench.excludes(Cause::kSilentDrop, "somebody answered with a reset, so the path is not silent");
  }
}

// How long the kernel tried before ETIMEDOUT tells what made it give up.
void judge_patience(const Excerpt& excerpt, Bench& bench) {
  if (!excerpt.wait) return;
  const Duration gap = *excerpt.wait;
  // A line just before the error may be another thread's, and then nobody knows since when.
  const bool after_quiet = excerpt.quiet && *excerpt.quiet >= kIdleMin && gap > kInUseMax;
  if (gap >= kKernelGivesUpMin && gap <= kKernelGivesUpMax) {
    bench.supports(Cause::kPathOutage, 1,
                   whole(gap) +
                       " of waiting before ETIMEDOUT: about what the kernel retransmits "
                       "for (tcp_retries2 15: 924s and more); so neither keep-alive nor "
                       "TCP_USER_TIMEOUT found it");
    bench.supports(Cause::kSilentDrop, 1,
                   whole(gap) +
                       " before ETIMEDOUT is the kernel's patience "
                       "with unacknowledged data (tcp_retries2 15)");
  } else if (gap >= kKeepAliveDefault - kKeepAliveSlack &&
             gap <= kKeepAliveDefault + kKeepAliveSlack) {
    const std::string sentence =
        whole(gap) +
        " without a line before ETIMEDOUT: what Linux's keep-alive takes by default "
        "(7200s + 9 x 75s); it found the death, two hours late";
    for (const Cause cause : {Cause::kSilentDrop, Cause::kPathOutage, Cause::kPowerLoss})
      bench.supports(cause, 1, sentence);
  } else if (gap < kKernelGivesUpMin && (excerpt.silence_ends_with_error || after_quiet)) {
    bench.supports(Cause::kImpatience, 1,
                   "ETIMEDOUT after " + whole(gap) +
                       " at most: far below tcp_retries2's 924s, so "
                       "keep-alive or TCP_USER_TIMEOUT ended it; they may be too strict");
  }
}

void judge_kernel_timeout(const Excerpt& excerpt, Bench& bench) {
  const std::string what =
      "ETIMEDOUT: nothing answered, neither data nor probes, until the kernel "
      "gave up";
  bench.supports(Cause::kSilentDrop, 3, what);
  bench.supports(Cause::kPathOutage, 3, what);
  bench.supports(Cause::kPowerLoss, 2, what + "; a machine that is off does not answer either");
  bench.excludes(Cause::kIdleClose, "a FIN would have shown as EOF or EPIPE, not ETIMEDOUT");
  bench.excludes(Cause::kResetOnNext, "a reset would have shown as ECONNRESET, not ETIMEDOUT");
  bench.opposes(Cause::kPeerRestart, 2, "a process that ends is announced by its kernel, at once");
  judge_patience(excerpt, bench);
}

void judge_eof(const Excerpt& excerpt, Bench& bench) {
  bench.supports(Cause::kIdleClose, 3, "the other side closed (EOF, a FIN)");
  bench.supports(Cause::kPeerRestart, 3,
                 "the other side closed (EOF, a FIN), as a process does that ends");
  bench.excludes(Cause::kSilentDrop,
                 "a silent drop brings no FIN, so nobody is told that it closed");
  bench.opposes(Cause::kResetOnNext, 2, "a reset shows as ECONNRESET, not as EOF");
  bench.opposes(Cause::kPowerLoss, 2, "a machine that loses power sends no FIN");
  if (excerpt.has(ClueKind::kReset)) {
    bench.supports(Cause::kResetInUse, 1, "a reset is told of as well");
  }
}

void judge_program_timeout(Bench& bench) {
  const std::string what = "the program's own deadline ran out, and the kernel told of nothing";
  bench.supports(Cause::kSlowPeer, 3, what + ": a peer that hangs or is slow looks so");
  bench.supports(Cause::kSilentDrop, 2, what + ": so does a path that swallows packets");
  bench.supports(Cause::kPathOutage, 2, what + ": so does a cut path");
  bench.supports(Cause::kPowerLoss, 1, what + ": so does a machine that is off");
  bench.supports(Cause::kImpatience, 1, "the deadline may be shorter than the answer takes");
  bench.opposes(Cause::kIdleClose, 2, "a FIN is told at once and needs no deadline");
  bench.opposes(Cause::kResetOnNext, 2, "a reset is told at once and needs no deadline");
}

// Silence first, which is not the whole story: what answers in the end tells of another cause.
void judge_retransmits(const Excerpt& excerpt, Bench& bench) {
  if (excerpt.has(ClueKind::kEof)) {
    bench.supports(Cause::kIdleClose, 2, "the other side closed (EOF, a FIN) as well");
    bench.supports(Cause::kPeerRestart, 2, "the other side closed (EOF, a FIN) as well");
  } else {
    bench.excludes(Cause::kIdleClose, "no FIN is among the packets that came");
  }
  if (!excerpt.has(ClueKind::kReset)) {
    bench.excludes(Cause::kResetOnNext, "no reset came in answer to what was sent");
    bench.opposes(Cause::kPeerRestart, 2, "the peer's kernel would have answered");
    return;
  }
  bench.supports(Cause::kResetOnNext, 4,
                 "a reset answered in the end: a box that has forgotten the flow, or that another "
                 "has replaced, sends one");
  bench.supports(Cause::kPowerLoss, 1,
                 "a reset answered in the end: a machine that has booted again knows no such "
                 "connection");
  bench.supports(Cause::kPeerRestart, 2,
                 "a reset answered in the end: so does a container that is started anew");
  bench.opposes(Cause::kSilentDrop, 2, "somebody answered with a reset in the end");
  bench.opposes(Cause::kPathOutage, 1,
                "a path that is mended brings the peer's acknowledgement and not a reset");
}

void judge_first(const Excerpt& excerpt, const Clue& first, Bench& bench) {
  switch (first.kind) {
    case ClueKind::kBrokenPipe:
      return judge_broken_pipe(bench);
    case ClueKind::kReset:
      return judge_reset(excerpt, bench);
    case ClueKind::kTimedOut:
      return judge_kernel_timeout(excerpt, bench);
    case ClueKind::kRetransmits:
      return judge_retransmits(excerpt, bench);
    case ClueKind::kEof:
      return judge_eof(excerpt, bench);
    case ClueKind::kProgramTimeout:
      return judge_program_timeout(bench);
    default:
      return;
  }
}

}  // namespace

void judge_errors(const Excerpt& excerpt, Bench& bench) {
  const Clue* first = excerpt.first_error();
  if (first == nullptr) {
    if (excerpt.has(ClueKind::kSentOk)) {
      const std::string what =
          "a send was told OK and no error came: the kernel takes bytes for "
          "about 15 minutes before it says that nobody acknowledges them";
      bench.supports(Cause::kSilentDrop, 1, what);
      bench.supports(Cause::kPathOutage, 1, what);
      bench.supports(Cause::kSlowPeer, 1, what);
    }
    return;
  }
  judge_first(excerpt, *first, bench);
}

bool has_waited(const Excerpt& excerpt) {
  const Clue* first = excerpt.first_error();
  return first != nullptr &&
         (first->kind == ClueKind::kTimedOut || first->kind == ClueKind::kDialTimeout ||
          first->kind == ClueKind::kProgramTimeout || first->kind == ClueKind::kPingFailed);
}

std::optional<Duration> idle_time(const Excerpt& excerpt) {
  if (excerpt.stated_idle) return excerpt.stated_idle;
  if (excerpt.first_error() == nullptr) return std::nullopt;
  // What waits for an answer is silent too: then the gap before the error is waiting, and only one
  // before that can be idleness.
  const std::optional<Duration>& idle = has_waited(excerpt) ? excerpt.quiet : excerpt.silence;
  if (!idle || *idle < kIdleMin) return std::nullopt;
  return idle;
}

std::vector<std::string> matching_profiles(Cause cause, Duration idle) {
  std::map<Duration, std::string> by_timeout;
  for (const Profile& profile : profiles()) {
    const NatTerms terms = read_nat_terms(profile.nat);
    const Duration timeout = terms.idle_timeout;
    // At the timeout, or a little above it: a timer of the program's own adds to it.
    if (idle + seconds(2) < timeout || idle > timeout + timeout / 10) continue;
    if (behaviour_of(terms) != cause) continue;
    std::string& names = by_timeout[timeout];
    names += (names.empty() ? "" : ", ") + profile.name;
  }
  std::vector<std::string> all;
  all.reserve(by_timeout.size());
  for (const auto& [timeout, names] : by_timeout)
    all.push_back(format_duration(timeout) + " is the idle timeout of " + names);
  return all;
}

std::string odd_timeout(Cause cause, Duration idle) {
  std::string text;
  for (const Profile& profile : profiles()) {
    const NatTerms terms = read_nat_terms(profile.nat);
    const Duration timeout = terms.idle_timeout;
    const bool is_odd = timeout % std::chrono::minutes(1) != Duration{0};
    const bool fits = idle >= timeout && idle <= timeout + seconds(1);
    if (!is_odd || !fits || behaviour_of(terms) != cause) continue;
    text += text.empty() ? format_duration(timeout) + " is the idle timeout of " : ", ";
    text += profile.name;
  }
  return text;
}

void judge_silence(const Excerpt& excerpt, Bench& bench) {
  // Idleness is no trouble.
  if (excerpt.first_error() == nullptr && excerpt.sockets.empty()) return;
  const auto idle = idle_time(excerpt);
  if (!idle) {
    if (excerpt.silence && *excerpt.silence <= kInUseMax && excerpt.first_error() != nullptr) {
      const std::string what =
          "at most " + whole(*excerpt.silence) +
          " passed without a line: the program, if not the connection, was in use";
      bench.opposes(Cause::kResetOnNext, 2, what);
      bench.opposes(Cause::kIdleClose, 1, what);
      if (excerpt.has(ClueKind::kReset)) bench.supports(Cause::kResetInUse, 1, what);
    }
    return;
  }
  // A silent log is not an idle connection, unless the text says so.
  const bool is_stated = excerpt.stated_idle.has_value();
  const std::string what = (is_stated ? "idle for " : "the log was silent for ") + whole(*idle);
  const bool short_idle = *idle < seconds(55);
  for (const Cause cause : {Cause::kSilentDrop, Cause::kResetOnNext, Cause::kIdleClose}) {
    if (short_idle) {
      bench.opposes(cause, 0,
                    what +
                        ": shorter than the default idle timeout of every middlebox that is known "
                        "here, so it would be one with a setting of its own");
      continue;
    }
    const auto matches = matching_profiles(cause, *idle);
    std::string sentence = what;
    for (const std::string& match : matches)
      sentence += (match == matches.front() ? ": " : "; ") + match;
    // Silence does not tell a closing proxy from a restart: both send a FIN. A known timeout that
    // fits is a hint to look there and no proof: so many are known that one often fits.
    const int points = cause == Cause::kIdleClose ? 0 : is_stated ? 2 : 1;
    bench.supports(cause, points, sentence);
    if (is_stated || cause != Cause::kResetOnNext || !excerpt.has(ClueKind::kReset)) continue;
    if (!odd_timeout(cause, *idle).empty()) {
      bench.supports(cause, 1,
                     "that timeout is no round number of minutes, as everybody's timers are, and "
                     "this silence is within a second of it");
    }
  }
  bench.opposes(Cause::kResetInUse, 1,
                what + (is_stated ? ", not in use" : ": nothing says that it was in use"));
  const Clue* first = excerpt.first_error();
  if (is_stated && first != nullptr && first->kind == ClueKind::kReset) {
    bench.opposes(Cause::kPeerRestart, 1,
                  "a process that ends while its connection is idle sends a FIN, which shows as "
                  "EOF or EPIPE");
  }
}

}  // namespace halfopen
