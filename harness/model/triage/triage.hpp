// Which causes fit a text from an incident: ranked, with the evidence for and against each, and
// with what would decide. Never more certain than the evidence: causes that leave the same traces
// are said to be not distinguishable.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/model/triage/excerpt.hpp"

namespace halfopen {

enum class Cause : std::uint8_t {
  kSilentDrop,     // a NAT or firewall forgot the idle flow and swallows its packets
  kResetOnNext,    // ... and answers the next packet with a reset
  kIdleClose,      // a proxy, balancer or server closed an idle connection
  kResetInUse,     // a box or the peer reset a connection in use
  kPeerRestart,    // the peer's process ended
  kPowerLoss,      // the peer's machine vanished
  kPathOutage,     // the path was cut with data in flight
  kStrictPeer,     // the peer refuses pings that come so often
  kImpatience,     // our own keep-alive, ping or deadline is too strict
  kSlowPeer,       // the peer is there and does not answer
  kOwnClose,       // this program closed it itself
  kLocalSystem,    // the local system ended or forbids it
  kNobodyListens,  // dials are refused
  kNotReachable,   // dials are not answered, or there is no route
  kName,           // the name does not resolve
  kPlannedClose,   // the peer closed by plan: an age limit, draining
  kNoKeepAlive,    // nothing is wrong yet: an idle socket that nobody looks after
};
inline constexpr std::size_t kCauseCount = 17;
[[nodiscard]] std::string_view id_of(Cause cause);  // "silent-drop"
[[nodiscard]] std::string_view title_of(Cause cause);

enum class Likelihood : std::uint8_t { kLikely, kPossible, kUnlikely, kExcluded };
[[nodiscard]] std::string_view to_text(Likelihood likelihood);

struct Suspect {
  Cause cause{};
  Likelihood likelihood = Likelihood::kUnlikely;
  int score = 0;
  std::vector<std::string> evidence_for;
  std::vector<std::string> evidence_against;
};

struct Triage {
  std::vector<std::string> facts;      // what the text shows, with its lines
  std::vector<Suspect> suspects;       // best first; those of which nothing is known are left out
  bool cannot_tell = true;             // between the first ones, or at all
  std::string conclusion;              // a paragraph
  std::vector<std::string> to_decide;  // commands and questions
};

// Where several connections are named each is judged by its own lines.
[[nodiscard]] Triage triage(const Excerpt& excerpt);
// As if the text told of one connection.
[[nodiscard]] Triage triage_one(const Excerpt& excerpt);

// Adds points and sentences to causes; the rules are written with it.
class Bench {
 public:
  Bench();
  void supports(Cause cause, int points, const std::string& sentence);
  void opposes(Cause cause, int points, const std::string& sentence);
  void excludes(Cause cause, const std::string& sentence);
  // While it is off, sentences are kept and weigh nothing: the same again in another line.
  void count_points(bool on) { counts_points_ = on; }
  [[nodiscard]] bool is_excluded(Cause cause) const;
  [[nodiscard]] std::vector<Suspect> ranked() const;

 private:
  std::array<Suspect, kCauseCount> suspects_;
  std::array<bool, kCauseCount> excluded_{};
  bool counts_points_ = true;
};

// The rules, by subject.
void judge_errors(const Excerpt& excerpt, Bench& bench);
void judge_words(const Excerpt& excerpt, Bench& bench);
void judge_silence(const Excerpt& excerpt, Bench& bench);
void judge_sockets(const Excerpt& excerpt, Bench& bench);
// The silence that is known to be idle time, not waiting: stated, or seen before the first error.
[[nodiscard]] std::optional<Duration> idle_time(const Excerpt& excerpt);
// The first error is one that comes after waiting: for an answer, or for the kernel to give up.
[[nodiscard]] bool has_waited(const Excerpt& excerpt);
// "5m50s is the idle timeout of aws-nlb" where the idle time is within a second of a timeout that
// is no round number of minutes; else "". Round numbers are everybody's timers.
[[nodiscard]] std::string odd_timeout(Cause cause, Duration idle);
// "5m50s is the idle timeout of aws-nlb, ...", for profiles that do what the cause is and whose
// timeout is at or a little below the idle time.
[[nodiscard]] std::vector<std::string> matching_profiles(Cause cause, Duration idle);

}  // namespace halfopen
