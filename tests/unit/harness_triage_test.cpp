// Logs of other people's programs, and what must be said of them (tests/golden/diagnose).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "harness/model/triage/log_time.hpp"
#include "harness/model/triage/triage_text.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

struct Expected {
  std::string name;
  std::vector<std::string> first;
  std::vector<std::string> not_likely;
  bool cannot_tell = false;
};

// "NAME: a or b; not c d ?"
std::vector<Expected> read_expected() {
  std::vector<Expected> all;
  std::istringstream lines(read_file(HALFOPEN_GOLDEN "/diagnose/expected.txt"));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.front() == '#') continue;
    Expected one;
    std::istringstream words(line);
    words >> one.name;
    one.name.pop_back();
    bool negative = false;
    for (std::string word; words >> word;) {
      if (word == "or") continue;
      if (word == "not") {
        negative = true;
      } else if (word == "?") {
        one.cannot_tell = true;
      } else {
        if (word.back() == ';') word.pop_back();
        (negative ? one.not_likely : one.first).push_back(word);
      }
    }
    all.push_back(one);
  }
  return all;
}

TEST(Triage, TheCorpus) {
  const auto all = read_expected();
  EXPECT_GE(all.size(), 230U);
  for (const Expected& one : all) {
    const Triage answer =
        triage(read_excerpt(read_file(HALFOPEN_GOLDEN "/diagnose/" + one.name + ".log")));
    SCOPED_TRACE(one.name + "\n" + triage_text(answer));
    EXPECT_EQ(answer.cannot_tell, one.cannot_tell);
    EXPECT_FALSE(answer.to_decide.empty());
    if (one.first.empty()) {
      for (const Suspect& suspect : answer.suspects)
        EXPECT_GE(suspect.likelihood, Likelihood::kUnlikely) << id_of(suspect.cause);
      continue;
    }
    ASSERT_FALSE(answer.suspects.empty());
    EXPECT_THAT(one.first, Contains(std::string(id_of(answer.suspects.front().cause))));
    for (const Suspect& suspect : answer.suspects) {
      if (suspect.likelihood != Likelihood::kLikely) continue;
      EXPECT_THAT(one.not_likely, Not(Contains(std::string(id_of(suspect.cause)))));
    }
  }
}

const Suspect* suspect_of(const Triage& answer, Cause cause) {
  for (const Suspect& suspect : answer.suspects) {
    if (suspect.cause == cause) return &suspect;
  }
  return nullptr;
}

TEST(Triage, ASilentDropNeverShowsEpipeFirst) {
  for (const char* errnos : {"EPIPE", "OK,EPIPE", "OK,EPIPE,EPIPE"}) {
    const Triage answer = triage(read_errnos(errnos).value());
    EXPECT_EQ(answer.suspects.front().cause, Cause::kIdleClose);
    EXPECT_TRUE(answer.cannot_tell) << "who sent the FIN is not in the errnos";
    ASSERT_NE(suspect_of(answer, Cause::kSilentDrop), nullptr);
    EXPECT_EQ(suspect_of(answer, Cause::kSilentDrop)->likelihood, Likelihood::kExcluded);
  }
}

std::vector<ClueKind> kinds_in(const std::string& text) {
  std::vector<ClueKind> kinds;
  for (const Clue& clue : read_excerpt(text).clues)
    kinds.push_back(clue.kind);
  return kinds;
}

TEST(Triage, ANumberIsAnErrorOnlyWhereAWordSaysSo) {
  for (const char* text : {"INFO request id=10054 served", "took 10060 ms", "10053 rows",
                           "pid 10061", "an error was seen by pid 10054"}) {
    EXPECT_THAT(kinds_in(text), testing::IsEmpty()) << text;
  }
  for (const char* text :
       {"recv: WSA error 10054", "[WinError 10054] An existing", "[Errno 10054]", "errno=10054",
        "socket error code: 10054", "SocketException (10054): x", "WSAGetLastError() = 10054",
        "error number 10054", "10054 (WSAECONNRESET)", "recv failed: 10054"}) {
    EXPECT_THAT(kinds_in(text), Contains(ClueKind::kReset)) << text;
  }
}

TEST(Triage, WhatIsDeniedIsNoClue) {
  for (const char* text :
       {"no broken pipe seen", "INFO: without connection reset", "0 broken pipes",
        "broken pipes: 0", "it was not a broken pipe", "no more connection resets",
        "connection reset=none", "never connection refused"}) {
    EXPECT_THAT(kinds_in(text), testing::IsEmpty()) << text;
  }
  for (const char* text :
       {"no, broken pipe", "connect: no route to host", "could not write: broken pipe",
        "broken pipe: no bytes were written", "write not done (broken pipe)"}) {
    EXPECT_THAT(kinds_in(text), testing::SizeIs(1)) << text;
  }
}

TEST(Triage, ASettingIsNoEvent) {
  for (const char* text : {"connectTimeout=3000", "idle timeout: 60s", "read timeout is set to 5s",
                           "wait_timeout = 28800", "max_connection_age: 300s",
                           "\"readTimeout\":5000", "request timeout 30s not reached"}) {
    EXPECT_THAT(kinds_in(text), testing::IsEmpty()) << text;
  }
  for (const char* text :
       {"closing connection: idle timeout=60s", "request failed: read timeout=30",
        "ConnectTimeout: HTTPConnectionPool(host='db', port=80)", "received goaway, max_age"}) {
    EXPECT_THAT(kinds_in(text), testing::SizeIs(testing::Ge(1U))) << text;
  }
}

TEST(Triage, OfALongTextTheEndIsRead) {
  std::string text = "connection refused\n";
  for (int i = 0; i < 30'000; ++i)
    text += "a line of nothing\n";
  text += "broken pipe\n";
  const Excerpt excerpt = read_excerpt(text);
  ASSERT_EQ(excerpt.clues.size(), 1U);
  EXPECT_EQ(excerpt.clues[0].kind, ClueKind::kBrokenPipe);
  EXPECT_EQ(excerpt.clues[0].line, 30'002U);
  EXPECT_EQ(excerpt.lines_left_out, 10'002U);
  EXPECT_THAT(triage(excerpt).facts.front(), HasSubstr("its first 10002 lines were left out"));
  const Excerpt wide = read_excerpt(std::string(2'000'000, 'x') + "\nbroken pipe\n", 5);
  ASSERT_EQ(wide.clues.size(), 1U);
  EXPECT_EQ(wide.clues[0].line, 7U);
  EXPECT_EQ(read_excerpt("broken pipe\n").lines_left_out, 0U);
}

TEST(Triage, WhatIsNewIsKeptAfterManyOfTheSame) {
  std::string text;
  for (int i = 0; i < 1000; ++i)
    text += "broken pipe\n";
  const Excerpt excerpt = read_excerpt(text + "connection refused\nconnection refused\n");
  EXPECT_EQ(excerpt.clues.size(), 201U);
  EXPECT_TRUE(excerpt.has(ClueKind::kRefused));
}

TEST(Triage, ErrnosByAnyName) {
  EXPECT_EQ(read_errnos("OK,104,epipe").value().clues.size(), 3U);
  EXPECT_EQ(read_errnos("10054").value().first_error()->kind, ClueKind::kReset);
  EXPECT_THAT(read_errnos("EPIP").error().text, HasSubstr("did you mean \"EPIPE\"?"));
  EXPECT_TRUE(read_errnos("").has_error());
}

TEST(Triage, AnIdleTimeThatIsKnownIsEvidence) {
  EXPECT_THAT(matching_profiles(Cause::kResetOnNext, seconds(352)), Contains(HasSubstr("aws-nlb")));
  EXPECT_THAT(matching_profiles(Cause::kIdleClose, seconds(352)),
              Not(Contains(HasSubstr("aws-nlb"))));
  EXPECT_TRUE(matching_profiles(Cause::kSilentDrop, seconds(41)).empty());
}

TEST(Triage, EachSilenceIsJudgedByWhatItStandsBetween) {
  // Idle for 16 minutes, then a query that the kernel retransmits until it gives up.
  const std::string text =
      "2026-11-20T08:00:01Z query ok\n"
      "2026-11-20T08:16:05Z query start\n"
      "2026-11-20T08:31:33Z query failed: write tcp 10.0.3.4:5->10.0.9.9:6: connection timed out\n";
  const Excerpt excerpt = read_excerpt(text);
  EXPECT_EQ(excerpt.quiet, seconds(964));
  EXPECT_EQ(excerpt.wait, seconds(928));
  EXPECT_EQ(idle_time(excerpt), seconds(964));
  const Triage answer = triage(excerpt);
  const Suspect* drop = suspect_of(answer, Cause::kSilentDrop);
  ASSERT_NE(drop, nullptr);
  EXPECT_EQ(drop->likelihood, Likelihood::kLikely);
  EXPECT_THAT(drop->evidence_for, Contains(HasSubstr("tcp_retries2 15")));
  EXPECT_THAT(drop->evidence_for, Contains(HasSubstr("the log was silent for 16m4s")));
  EXPECT_THAT(answer.facts, Contains(HasSubstr("silent for 16m4s before line 2")));
  EXPECT_THAT(answer.facts, Contains(HasSubstr("15m28s of waiting")));
}

TEST(Triage, OtherThreadsWriteOnWhileTheKernelRetransmits) {
  std::string text = "10:00:00 hello\n10:20:00 request sent\n";
  for (int minute = 21; minute < 35; ++minute)
    text += "10:" + std::to_string(minute) + ":00 still here\n";
  const Excerpt excerpt = read_excerpt(text + "10:35:28 write: Connection timed out\n");
  EXPECT_EQ(excerpt.quiet, seconds(1200));
  EXPECT_EQ(excerpt.wait, seconds(928));
}

TEST(Triage, AnExceptionBelowItsLineIsOneErrorWithIt) {
  const Excerpt excerpt = read_excerpt(
      "10:00:00 INFO idle\n10:04:30 INFO publishing\n10:19:58 ERROR publish failed\n"
      "java.net.SocketException: Connection timed out\n");
  EXPECT_EQ(excerpt.wait, seconds(928));
  EXPECT_EQ(excerpt.quiet, seconds(270));
  EXPECT_EQ(excerpt.quiet_until_line, 2U);
  const Excerpt calm =
      read_excerpt("10:00:00 INFO idle\n10:15:30 INFO publishing\nConnection timed out\n");
  EXPECT_EQ(calm.wait, std::nullopt) << "nothing failed at 10:15:30";
  EXPECT_EQ(calm.quiet, seconds(930));
}

TEST(Triage, AnOddTimeoutToTheSecondIsMoreThanAHint) {
  const auto log = [](const char* clock) {
    return std::string("10:00:00.000 redis connected\n") + clock + ".500 SET session:1\n" + clock +
           ".520 read ECONNRESET\n";
  };
  const Triage exact = triage(read_excerpt(log("10:05:50")));
  EXPECT_EQ(exact.suspects.front().cause, Cause::kResetOnNext);
  EXPECT_EQ(exact.suspects.front().likelihood, Likelihood::kLikely);
  EXPECT_FALSE(exact.cannot_tell);
  EXPECT_THAT(exact.conclusion, HasSubstr("5m50s is the idle timeout of aws-"));
  for (const char* clock : {"10:05:49", "10:05:53", "10:06:00", "10:15:00"})
    EXPECT_TRUE(triage(read_excerpt(log(clock))).cannot_tell) << clock;
}

TEST(Triage, AHealthyLogWasRead) {
  const auto conclusion = [](const char* text) { return triage(read_excerpt(text)).conclusion; };
  EXPECT_THAT(conclusion("2026-11-20T10:00:00Z ok\n2026-11-20T10:09:03Z ok\n"),
              HasSubstr("No connection error found in 2 lines (times from 2026-11-20 10:00:00 to "
                        "2026-11-20 10:09:03)"));
  EXPECT_THAT(conclusion("127.0.0.1 - - [20/Nov/2026:10:00:00 +0000] \"GET / HTTP/1.1\" 200 6\n"),
              HasSubstr("found in 1 line (times from 2026-11-20 10:00:00"));
  EXPECT_THAT(conclusion("Mar 12 04:10:11 h a[8]: hi\nMar 12 04:10:12 h a[8]: hi\n"),
              HasSubstr("(times from 03-12 04:10:11 to 03-12 04:10:12)"));
  EXPECT_THAT(conclusion("04:10:11 hi\n"), HasSubstr("(times from 04:10:11 to 04:10:11)"));
  EXPECT_THAT(conclusion("hello\n"), HasSubstr("no time that is known here"));
}

TEST(LogTime, AnyFormat) {
  const Duration clock = std::chrono::hours(2) + std::chrono::minutes(28) + milliseconds(26123);
  EXPECT_EQ(find_log_time("02:28:26.123 x"), clock);
  EXPECT_EQ(find_log_time("x 02:28:26,123 x"), clock);
  const auto day = find_log_time("2025-11-29T00:00:00Z");
  ASSERT_TRUE(day);
  EXPECT_EQ(find_log_time("2025-11-29T02:28:26.123Z x"), *day + clock);
  EXPECT_EQ(find_log_time("[29/Nov/2025:02:28:26.123] x"), *day + clock);
  EXPECT_EQ(find_log_time("2025/11/29 02:28:26.123 x"), *day + clock);
  EXPECT_EQ(find_log_time("29 Nov 2025 02:28:26.123 x"), *day + clock);
  EXPECT_EQ(find_log_time("fe80:00:11:22:33"), std::nullopt);
  EXPECT_EQ(find_log_time("4050-01-20 02:28:26.123 x"), clock) << "no year of a log";
  EXPECT_EQ(find_log_time("no time"), std::nullopt);
}

TEST(LogTime, SecondsSince1970AndSinceTheBoot) {
  EXPECT_EQ(find_log_time("1763632741: new client"), seconds(1763632741));
  EXPECT_EQ(find_log_time("1763632741250: new client"), std::chrono::milliseconds(1763632741250));
  EXPECT_EQ(find_log_time("9999999999998: no time of this century"), std::nullopt);
  EXPECT_EQ(find_log_time("[1763632800.250000] [destroy]"),
            seconds(1763632800) + milliseconds(250));
  EXPECT_EQ(find_log_time("{\"level\":30,\"time\":1795168800123}"), milliseconds(1795168800123));
  EXPECT_EQ(find_log_time("ts=1795168800.5 msg=x"), milliseconds(1795168800500));
  EXPECT_EQ(find_log_time("[88213.5] tcp: x"), milliseconds(88213500));
  EXPECT_EQ(find_log_time("[    5.5] tcp: x"), milliseconds(5500));
  for (const char* text : {"1763632741234567 rows", "[12] x", "time=30s", "10054 rows", "[3]", "["})
    EXPECT_EQ(find_log_time(text), std::nullopt) << text;
}

TEST(LogTime, ZonesAreTakenAway) {
  const auto utc = find_log_time("2026-11-20T09:00:00Z x");
  EXPECT_EQ(find_log_time("2026-11-20T10:00:00+01:00 x"), utc);
  EXPECT_EQ(find_log_time("2026-11-20 10:00:00.000+0100 x"), utc);
  EXPECT_EQ(find_log_time("[20/nov/2026:03:30:00 -0530] x"), utc);
  EXPECT_EQ(find_log_time("2026-11-20T09:00:00 -12345 x"), utc) << "no zone";
}

TEST(LogTime, HalfADay) {
  const auto noon = std::chrono::hours(12);
  EXPECT_EQ(find_log_time("11/29/2025 02:28:26 pm x"), find_log_time("02:28:26 x").value() + noon);
  EXPECT_EQ(find_log_time("2:28:26.5 PM x"), find_log_time("02:28:26.5 x").value() + noon);
  EXPECT_EQ(find_log_time("12:00:01 am"), seconds(1));
  EXPECT_EQ(find_log_time("12:00:01 pm"), noon + seconds(1));
  EXPECT_EQ(find_log_time("02:28:26 pm2 started"), find_log_time("02:28:26 x"));
  EXPECT_EQ(find_log_time("2:28:26 x"), std::nullopt);
  EXPECT_EQ(find_log_time("14:28:26 pm"), find_log_time("14:28:26"));
}

// How far the lines' times are apart, in order.
std::vector<Duration> gaps_of(const std::vector<std::string>& lines) {
  YearlessClock clock;
  std::vector<Duration> gaps;
  std::optional<Duration> last;
  for (const std::string& line : lines) {
    const auto time = clock.read(line);
    EXPECT_TRUE(time) << line;
    if (last && time) gaps.push_back(*time - *last);
    last = time;
  }
  return gaps;
}

TEST(LogTime, WithoutAYearTheShorterReading) {
  using testing::ElementsAre;
  constexpr std::chrono::hours kDay{24};
  EXPECT_THAT(gaps_of({"feb 28 23:59:50 x", "mar  1 00:00:20 x", "mar  2 00:00:20 x"}),
              ElementsAre(seconds(30), kDay));
  EXPECT_THAT(gaps_of({"feb 28 10:00:00 x", "feb 29 10:00:00 x", "mar  1 10:00:00 x"}),
              ElementsAre(kDay, kDay));
  EXPECT_THAT(
      gaps_of({"dec 31 23:59:50 x", "jan  1 00:00:20 x", "dec 31 23:59:59 x", "jan  1 00:00:21 x"}),
      ElementsAre(seconds(30), seconds(-21), seconds(22)));
  EXPECT_THAT(
      gaps_of({"feb 28 00:00:00 x", "mar  1 00:00:00 x", "aug  1 00:00:00 x", "dec 31 00:00:00 x",
               "jan  1 00:00:00 x", "feb 28 00:00:00 x", "mar  1 00:00:00 x"}),
      ElementsAre(kDay, 153 * kDay, 152 * kDay, kDay, 58 * kDay, kDay));
  EXPECT_THAT(gaps_of({"jan 31 00:00:00 x", "nov 30 00:00:00 x"}), ElementsAre(-62 * kDay))
      << "two files one behind the other, the older one last";
  YearlessClock clock;
  std::optional<Duration> last;
  for (int year = 0; year < 6000; ++year) {
    for (const char* line : {"jan  1 00:00:00", "jun  1 00:00:00", "nov  1 00:00:00"})
      last = clock.read(line);
  }
  EXPECT_LT(last, std::chrono::hours(24 * 366 * 132)) << "the count stops and does not overflow";
  EXPECT_THAT(gaps_of({"2025-02-28t23:59:50 x", "2025-03-01t00:00:20 x", "2027-03-01t00:00:20 x"}),
              ElementsAre(seconds(30), 730 * kDay));
}

TEST(LogTime, StatedIdleness) {
  EXPECT_EQ(find_stated_idle("idle for 350s"), seconds(350));
  EXPECT_EQ(find_stated_idle("inactive for 15 minutes"), seconds(900));
  EXPECT_EQ(
      find_stated_idle("packet successfully received from the server was 905,114 milliseconds ago"),
      milliseconds(905114));
  EXPECT_EQ(find_stated_idle("idle for a while"), std::nullopt);
  EXPECT_EQ(find_stated_idle("pool ready, max idle 600s"), std::nullopt) << "a setting";
}

}  // namespace
}  // namespace halfopen
