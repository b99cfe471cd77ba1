#include "harness/model/triage/triage.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "base/duration_text.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kSentencesMax = 4;
constexpr int kLikely = 4;
constexpr int kLead = 2;  // over the next one, to be told from it

struct CauseText {
  std::string_view id;
  std::string_view title;
};
constexpr std::array<CauseText, kCauseCount> kTexts{{
    {"silent-drop", "a NAT or firewall forgot the idle flow and drops its packets in silence"},
    {"reset-on-next-packet",
     "a NAT, firewall or balancer forgot the idle flow and resets its next packet"},
    {"idle-close", "a proxy, balancer or server closed the idle connection"},
    {"reset-in-use", "a balancer, a middlebox or the peer's program reset a connection in use"},
    {"peer-restart", "the peer's process ended, crashed or was restarted"},
    {"power-loss", "the peer's machine vanished, or lost power and booted again"},
    {"path-outage", "the path was cut, and the kernel retransmits until it gives up"},
    {"strict-peer", "pings or keep-alives come more often than the peer allows"},
    {"impatience", "an own keep-alive, ping or deadline is too strict for this path"},
    {"slow-peer", "the peer is there, and hangs or answers too slowly"},
    {"own-close", "the program used a connection that it had closed itself"},
    {"local-system", "the local system ended or forbids the connection"},
    {"nobody-listens", "nobody listens at the peer's address"},
    {"not-reachable", "packets to the peer get no answer, or there is no route"},
    {"name", "the peer's name does not resolve"},
    {"planned-close", "the peer closed it by plan: an age limit or draining, not a failure"},
    {"no-keep-alive", "nothing is wrong yet: an idle connection without keep-alive"},
}};

std::size_t index_of(Cause cause) {
  return static_cast<std::size_t>(cause);
}

std::string seconds_text(Duration duration) {
  return format_duration(std::chrono::duration_cast<std::chrono::milliseconds>(duration));
}

void add_sentence(std::vector<std::string>& sentences, const std::string& sentence) {
  const bool known = std::find(sentences.begin(), sentences.end(), sentence) != sentences.end();
  if (!known && sentences.size() < kSentencesMax) sentences.push_back(sentence);
}

std::vector<std::string> facts_of(const Excerpt& excerpt) {
  constexpr std::size_t kFactsMax = 10;
  std::vector<std::string> facts;
  if (excerpt.lines_left_out > 0) {
    facts.push_back("the text is long: its first " + std::to_string(excerpt.lines_left_out) +
                    " lines were left out");
  }
  for (const Clue& clue : excerpt.clues) {
    if (facts.size() == kFactsMax) {
      facts.emplace_back("and more of the same");
      break;
    }
    facts.push_back((clue.line > 0 ? "line " + std::to_string(clue.line) + ": " : "") +
                    std::string(name_of(clue.kind)) +
                    (clue.line > 0 ? " (\"" + clue.words + "\")" : ""));
  }
  if (!excerpt.sockets.empty()) {
    facts.push_back(std::to_string(excerpt.sockets.size()) + " sockets as the kernel shows them");
  }
  if (const auto idle = idle_time(excerpt)) {
    facts.push_back(excerpt.stated_idle
                        ? "idle for " + seconds_text(*idle) + " (the text says so)"
                        : "the log was silent for " + seconds_text(*idle) + " before line " +
                              std::to_string(has_waited(excerpt) ? excerpt.quiet_until_line
                                                                 : excerpt.silence_until_line));
    if (has_waited(excerpt) && excerpt.wait) {
      facts.push_back("then " + seconds_text(*excerpt.wait) + " of waiting up to the first error");
    }
  } else if (excerpt.silence && excerpt.first_error() != nullptr) {
    facts.push_back("the longest time without a line up to the first error is " +
                    seconds_text(*excerpt.silence));
  }
  return facts;
}

const std::string kLookAtBothEnds =
    "ss -tino on both ends while it is stuck: ESTAB here and nothing there is a half-open "
    "connection; "
    "timer:(on,...) with backoff is a black hole, no timer is keep-alive off";
const std::string kWhoSends =
    "tcpdump -ni any 'tcp port PORT and (tcp[tcpflags] & (tcp-rst|tcp-fin) != 0)' on both ends: "
    "who "
    "sends the RST or FIN, and when; a TTL unlike the peer's names a box on the way";

std::vector<std::string> decisions_for(Cause cause) {
  switch (cause) {
    case Cause::kSilentDrop:
      return {
          kLookAtBothEnds,
          "conntrack -L -p tcp --dport PORT on the NAT, sysctl "
          "net.netfilter.nf_conntrack_tcp_timeout_established; for a cloud's box its idle timeout",
          "does the period move with the idle time? halfopen profiles lists known timeouts, "
          "halfopen advise says what to set"};
    case Cause::kResetOnNext:
      return {kWhoSends,
              "does a keep-alive of half the suspected timeout make it go away? halfopen advise "
              "--profile NAME has the numbers"};
    case Cause::kIdleClose:
      return {kWhoSends,
              "the idle timeouts of every proxy and balancer on the path and of the server; ss -tn "
              "state close-wait on this machine before the write"};
    case Cause::kResetInUse:
      return {
          kWhoSends,
          "conntrack -S (invalid), balancer logs and metrics of resets and target changes at that "
          "time"};
    case Cause::kPeerRestart:
      return {
          "the peer's log and uptime at that time: journalctl -u SERVICE --since TIME, kubectl "
          "describe pod (Last State), docker ps"};
    case Cause::kPowerLoss:
      return {"last -x reboot and uptime of the peer's machine; the cloud's host events"};
    case Cause::kPathOutage:
      return {kLookAtBothEnds, "other connections over the same path at that time: did all stop?"};
    case Cause::kStrictPeer:
      return {
          "the peer's minimum between pings (gRPC: the server's enforcement policy) against the "
          "client's keepalive time"};
    case Cause::kImpatience:
      return {
          "the keep-alive, TCP_USER_TIMEOUT, ping and request deadlines of this program against "
          "the measured round trips and pauses of the peer"};
    case Cause::kSlowPeer:
      return {
          "ss -tino on the peer: a Recv-Q that grows is a program that does not read; its threads "
          "(gdb, jstack, py-spy), its disk and garbage collections"};
    case Cause::kOwnClose:
      return {"the line before it: what closed the connection, and does the pool still hold it?"};
    case Cause::kLocalSystem:
      return {"nft list ruleset or iptables -S OUTPUT; on Windows the virus scanner and VPN"};
    case Cause::kNobodyListens:
      return {"ss -ltn on the peer: does it listen at that address and port?"};
    case Cause::kNotReachable:
      return {
          "ip route get ADDRESS; tcptraceroute ADDRESS PORT; the security groups between the two"};
    case Cause::kName:
      return {"getent hosts NAME; the resolver's log"};
    case Cause::kPlannedClose:
      return {
          "the server's age and drain settings (gRPC: MAX_CONNECTION_AGE), and whether the client "
          "dials again and repeats what was not answered"};
    case Cause::kNoKeepAlive:
      return {"ss -tino on the other end: is the connection there too?",
              "halfopen advise --profile NAME says which keep-alive fits the path"};
  }
  return {};
}

// What cannot be told apart is equally likely: the first of a close group is no likelier than its
// last.
void level_out(std::vector<Suspect>& suspects) {
  if (suspects.empty() || suspects.front().likelihood != Likelihood::kLikely) return;
  const int best = suspects.front().score;
  const bool doubted = std::any_of(suspects.begin(), suspects.end(), [best](const Suspect& one) {
    return one.likelihood == Likelihood::kPossible && one.score + kLead > best;
  });
  if (!doubted) return;
  for (Suspect& suspect : suspects) {
    if (suspect.likelihood == Likelihood::kLikely) suspect.likelihood = Likelihood::kPossible;
  }
}

bool said_ok_before(const Excerpt& excerpt, const Clue& error) {
  return std::any_of(excerpt.clues.data(), &error,
                     [](const Clue& clue) { return clue.kind == ClueKind::kSentOk; });
}

// "2026-11-20 08:00:01", in UTC; a time of day without its date counts from midnight.
std::string moment_text(Duration at) {
  using std::chrono::days;
  const auto day = std::chrono::floor<days>(at);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(at - day));
  std::array<char, 48> text{};
  const auto hours = static_cast<int>(clock.hours().count());
  const auto minutes = static_cast<int>(clock.minutes().count());
  const auto seconds = static_cast<int>(clock.seconds().count());
  if (day < days(365)) {
    std::snprintf(text.data(), text.size(), "%02d:%02d:%02d", hours, minutes, seconds);
    return text.data();
  }
  const std::chrono::year_month_day date{std::chrono::sys_days{day}};
  const auto month = static_cast<unsigned>(date.month());
  const auto day_of_month = static_cast<unsigned>(date.day());
  // A date without its year is read as one of 2000.
  const int year = static_cast<int>(date.year());
  if (year == 2000) {
    std::snprintf(text.data(), text.size(), "%02u-%02u %02d:%02d:%02d", month, day_of_month, hours,
                  minutes, seconds);
  } else {
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02u %02d:%02d:%02d", year, month,
                  day_of_month, hours, minutes, seconds);
  }
  return text.data();
}

// A log in which nothing went wrong is told from one that could not be read.
std::string nothing_found(const Excerpt& excerpt) {
  std::string text = "No connection error found in " + std::to_string(excerpt.lines) +
                     (excerpt.lines == 1 ? " line" : " lines");
  if (excerpt.first_at && excerpt.last_at) {
    text += " (times from " + moment_text(*excerpt.first_at) + " to " +
            moment_text(*excerpt.last_at) + ")";
  } else if (excerpt.lines > 0) {
    text += " (and no time that is known here)";
  }
  return text +
         ", so there is nothing to judge. What is needed is the result of each send and receive "
         "with its time, by errno or in the program's words (EPIPE or broken pipe, ECONNRESET, "
         "ETIMEDOUT, EOF, a deadline, a refused dial), or ss -tino while it is stuck.";
}

std::string conclude(const Excerpt& excerpt, const std::vector<Suspect>& suspects,
                     bool& cannot_tell) {
  std::vector<const Suspect*> best;
  for (const Suspect& suspect : suspects) {
    const bool open =
        suspect.likelihood == Likelihood::kLikely || suspect.likelihood == Likelihood::kPossible;
    if (open && suspect.score + kLead > suspects.front().score) best.push_back(&suspect);
  }
  cannot_tell = best.size() != 1 || best.front()->likelihood != Likelihood::kLikely;
  std::string text;
  if (!excerpt.unreadable.empty()) return "Cannot tell: " + excerpt.unreadable + ".";
  if (best.empty() && !excerpt.sockets.empty()) {
    return "Cannot tell: the sockets show nothing wrong at this moment; what is needed is ss -tino "
           "while "
           "it is stuck, or the errors of the program.";
  }
  if (best.empty()) {
    return nothing_found(excerpt);
  }
  if (best.size() == 1) {
    text =
        std::string(cannot_tell ? "Cannot tell for certain; what fits best: " : "Most likely: ") +
        std::string(title_of(best.front()->cause)) + ".";
  } else {
    text = "Cannot tell these apart by this text alone: ";
    for (const Suspect* suspect : best)
      text += (suspect == best.front() ? "" : "; or ") + std::string(title_of(suspect->cause));
    text += ".";
  }
  if (best.size() == 1 && !cannot_tell && !excerpt.stated_idle) {
    const auto idle = idle_time(excerpt);
    const std::string odd = idle ? odd_timeout(best.front()->cause, *idle) : "";
    if (!odd.empty()) text += " " + odd + ": is one of them on the path?";
  }
  const Clue* first = excerpt.first_error();
  const bool lost =
      first != nullptr && (first->kind == ClueKind::kBrokenPipe || first->kind == ClueKind::kReset);
  if (lost) {
    text += said_ok_before(excerpt, *first)
                ? " Whichever it was: the send before this error was told OK and its bytes were "
                  "lost, so what nobody acknowledged must be sent again on a new connection."
                : " Whichever it was: what was sent before this error may have been lost, even "
                  "where the send was told OK: what nobody acknowledged must be sent again on a "
                  "new connection.";
  }
  return text;
}

}  // namespace

std::string_view id_of(Cause cause) {
  return kTexts.at(index_of(cause)).id;
}
std::string_view title_of(Cause cause) {
  return kTexts.at(index_of(cause)).title;
}

std::string_view to_text(Likelihood likelihood) {
  switch (likelihood) {
    case Likelihood::kLikely:
      return "likely";
    case Likelihood::kPossible:
      return "possible";
    case Likelihood::kUnlikely:
      return "unlikely";
    case Likelihood::kExcluded:
      return "ruled out";
  }
  return "";
}

Bench::Bench() {
  for (std::size_t i = 0; i < suspects_.size(); ++i)
    suspects_.at(i).cause = static_cast<Cause>(i);
}

void Bench::supports(Cause cause, int points, const std::string& sentence) {
  Suspect& suspect = suspects_.at(index_of(cause));
  const auto& known = suspect.evidence_for;
  // The same thing said in ten lines is not ten times as true.
  const bool repeated = std::find(known.begin(), known.end(), sentence) != known.end();
  constexpr int kEnough = 9;
  if (!repeated && counts_points_) suspect.score = std::min(suspect.score + points, kEnough);
  add_sentence(suspect.evidence_for, sentence);
}

void Bench::opposes(Cause cause, int points, const std::string& sentence) {
  Suspect& suspect = suspects_.at(index_of(cause));
  if (counts_points_) suspect.score -= points;
  add_sentence(suspect.evidence_against, sentence);
}

void Bench::excludes(Cause cause, const std::string& sentence) {
  excluded_.at(index_of(cause)) = true;
  add_sentence(suspects_.at(index_of(cause)).evidence_against, sentence);
}

bool Bench::is_excluded(Cause cause) const {
  return excluded_.at(index_of(cause));
}

std::vector<Suspect> Bench::ranked() const {
  std::vector<Suspect> all;
  for (std::size_t i = 0; i < suspects_.size(); ++i) {
    Suspect suspect = suspects_.at(i);
    if (suspect.evidence_for.empty() && suspect.evidence_against.empty()) continue;
    suspect.likelihood = excluded_.at(i)            ? Likelihood::kExcluded
                         : suspect.score >= kLikely ? Likelihood::kLikely
                         : suspect.score >= 1       ? Likelihood::kPossible
                                                    : Likelihood::kUnlikely;
    all.push_back(std::move(suspect));
  }
  std::stable_sort(all.begin(), all.end(), [](const Suspect& one, const Suspect& other) {
    if (one.likelihood != other.likelihood) return one.likelihood < other.likelihood;
    return one.score > other.score;
  });
  return all;
}

Triage triage_one(const Excerpt& excerpt) {
  Bench bench;
  judge_errors(excerpt, bench);
  judge_words(excerpt, bench);
  judge_silence(excerpt, bench);
  judge_sockets(excerpt, bench);
  Triage result;
  result.facts = facts_of(excerpt);
  result.suspects = bench.ranked();
  level_out(result.suspects);
  result.conclusion = conclude(excerpt, result.suspects, result.cannot_tell);
  for (const Suspect& suspect : result.suspects) {
    const bool open =
        suspect.likelihood == Likelihood::kLikely || suspect.likelihood == Likelihood::kPossible;
    if (!open || suspect.score + kLead <= result.suspects.front().score) continue;
    for (const std::string& step : decisions_for(suspect.cause)) {
      if (std::find(result.to_decide.begin(), result.to_decide.end(), step) ==
          result.to_decide.end()) {
        result.to_decide.push_back(step);
      }
    }
  }
  if (result.to_decide.empty()) result.to_decide = {kLookAtBothEnds, kWhoSends};
  return result;
}

}  // namespace halfopen
