// Several connections in one text, and what is said no surer than the text is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/model/triage/connections.hpp"
#include "harness/model/triage/triage_text.hpp"

namespace halfopen {
namespace {

using testing::HasSubstr;
using testing::Not;

Triage of(std::string_view text) {
  return triage(read_excerpt(text));
}

Likelihood likelihood_of(const Triage& answer, Cause cause) {
  for (const Suspect& suspect : answer.suspects) {
    if (suspect.cause == cause) return suspect.likelihood;
  }
  return Likelihood::kUnlikely;
}

TEST(TriageParts, ALineNamesItsConnection) {
  EXPECT_EQ(name_connection("31#31: *9216 upstream").id, "*9216");
  EXPECT_EQ(name_connection("conn a: write: broken pipe").id, "conn a");
  EXPECT_EQ(name_connection("conn=12 reset").id, "conn 12");
  EXPECT_EQ(name_connection("connection reset by peer").id, "");
  EXPECT_EQ(name_connection("12:00:01 utc [4415] fatal").id, "[4415]");
  const ConnectionName pair = name_connection("read tcp 10.2.0.5:41988->10.2.0.17:8443: eof");
  EXPECT_EQ(pair.id, "10.2.0.5:41988->10.2.0.17:8443");
  EXPECT_EQ(pair.peer, "10.2.0.17:8443");
}

TEST(TriageParts, OneConnectionRulesNothingOutForAnother) {
  for (const char* text :
       {"conn A: write: broken pipe\nconn B: read: connection timed out\n",
        "2025/08/08 12:00:03 [error] 3#3: *9216 writev() failed (32: Broken pipe)\n"
        "2025/08/08 12:00:04 [error] 3#3: *9217 recv() failed (110: Connection timed out)\n",
        "09:00:00 UTC [4415] LOG:  could not send data to client: Broken pipe\n"
        "09:00:01 UTC [4416] LOG:  could not receive data from client: Connection timed out\n",
        "CLOSE-WAIT 1 0 10.0.0.1:40000 10.0.0.2:443\n"
        "ESTAB 0 14 10.0.0.1:40001 10.0.0.3:443 timer:(on,42sec,13)\n"}) {
    const Triage answer = of(text);
    SCOPED_TRACE(triage_text(answer));
    EXPECT_THAT(answer.conclusion, HasSubstr("2 connections are in this text"));
    EXPECT_TRUE(answer.cannot_tell);
    EXPECT_NE(likelihood_of(answer, Cause::kSilentDrop), Likelihood::kExcluded);
    EXPECT_NE(likelihood_of(answer, Cause::kIdleClose), Likelihood::kExcluded);
  }
}

TEST(TriageParts, WhatAllShowIsSaidOnce) {
  const Triage answer = of("conn A: write: broken pipe\nconn B: write: broken pipe\n");
  EXPECT_THAT(answer.conclusion, HasSubstr("2 connections are in this text. Cannot tell these"));
  EXPECT_EQ(likelihood_of(answer, Cause::kSilentDrop), Likelihood::kExcluded);
  EXPECT_THAT(of("app[7]: x: broken pipe\nlb[9]: y: broken pipe\n").conclusion,
              Not(HasSubstr("connections are in")))
      << "two programs may be two ends of one";
}

TEST(TriageParts, ARefusedDialOfTheSamePeerCounts) {
  const std::string one =
      "conn A: read tcp 10.0.0.1:4000->10.0.0.2:443: EOF\n"
      "conn B: read tcp 10.0.0.1:4001->10.0.0.3:443: EOF\n";
  const Triage answer = of(one + "dial tcp 10.0.0.2:443: connect: connection refused\n");
  EXPECT_THAT(answer.conclusion, HasSubstr("4000->10.0.0.2:443: Most likely: the peer's process"));
  EXPECT_THAT(answer.conclusion, HasSubstr("4001->10.0.0.3:443: Cannot tell"));
}

TEST(Triage, ASilentLogIsNotAnIdleConnection) {
  const std::string silent = "09:14:02 subscribed\n09:20:05 write: broken pipe\n";
  EXPECT_THAT(triage_text(of(silent)), HasSubstr("the log was silent for 6m3s"));
  EXPECT_THAT(triage_text(of(silent)), Not(HasSubstr("idle for")));
  EXPECT_THAT(triage_text(of("conn idle for 350s\nwrite: connection reset\n")),
              HasSubstr("idle for 5m50s"));
}

TEST(Triage, BytesAreLostOnlyWhereASendWasToldOk) {
  EXPECT_THAT(of("write: broken pipe\n").conclusion, HasSubstr("may have been lost"));
  EXPECT_THAT(of("Vote sent\nwrite: broken pipe\n").conclusion, HasSubstr("its bytes were lost"));
  EXPECT_THAT(of("write: broken pipe\nVote sent\n").conclusion, HasSubstr("may have been lost"));
  EXPECT_THAT(triage_text(of("read: unexpected EOF\n")), Not(HasSubstr("nobody read its FIN")));
}

TEST(Triage, WhatIsNoTextIsSaid) {
  const std::string text = "write: broken pipe\n";
  std::string little = "\xff\xfe";
  std::string big = "\xfe\xff";
  for (const char c : text) {
    little += {c, '\0'};
    big += {'\0', c};
  }
  for (const std::string& wide : {little, big}) {
    EXPECT_TRUE(read_excerpt(wide).has(ClueKind::kBrokenPipe));
    EXPECT_TRUE(read_excerpt(wide.substr(0, 3)).clues.empty());
    EXPECT_THAT(of(wide.substr(2)).conclusion, HasSubstr("this is not text"));
  }
  EXPECT_THAT(of("").conclusion, HasSubstr("the text is empty"));
  EXPECT_THAT(of(" \n\n").conclusion, HasSubstr("the text is empty"));
  EXPECT_THAT(of("\x7f"
                 "ELF\x02\x01\x01\x03\x04\x05 broken pipe")
                  .conclusion,
              HasSubstr("this is not text"));
  EXPECT_TRUE(read_excerpt("M\xfcller: \x1b[31m broken pipe\x1b[0m\n").has(ClueKind::kBrokenPipe));
}

TEST(Triage, OfLongUtf16TheEndIsRead) {
  // 3 MiB of it is more than is read, and 8 MiB more than is decoded.
  for (const std::size_t lines : {60'000U, 160'000U}) {
    std::string text = "connection refused\n";
    for (std::size_t i = 0; i < lines; ++i)
      text += "a line that says nothing\n";
    text += "write: broken pipe\n";
    for (const bool is_little : {true, false}) {
      std::string wide = is_little ? "\xff\xfe" : "\xfe\xff";
      for (const char c : text)
        wide += is_little ? std::string{c, '\0'} : std::string{'\0', c};
      const Excerpt excerpt = read_excerpt(wide);
      ASSERT_EQ(excerpt.clues.size(), 1U) << lines;
      EXPECT_EQ(excerpt.clues[0].kind, ClueKind::kBrokenPipe);
      EXPECT_EQ(excerpt.clues[0].line, lines + 2);
      EXPECT_EQ(excerpt.lines_left_out, lines + 2 - 20'000);
    }
  }
  const std::string one_line = "\xff\xfe" + std::string(std::size_t{6} << 20U, 'x') + "\n";
  EXPECT_TRUE(read_excerpt(one_line).clues.empty());
}

TEST(TriageParts, ALineNamesItsHost) {
  const auto peer = [](std::string_view line) { return name_connection(line).peer; };
  EXPECT_EQ(peer("write to db-1.example.com:5432: broken pipe"), "db-1.example.com:5432");
  EXPECT_EQ(peer("link node-b: read: connection reset"), "node-b");
  EXPECT_EQ(peer("send failed peer=validator error=eof"), "validator");
  EXPECT_EQ(peer("{\"peer\":\"nats\",\"error\":\"eof\"}"), "nats");
  for (const char* line :
       {"main.go:42: broken pipe", "channel.cc:88] recv failed", "code:110 x", "rto:204",
        "at streamx2.js:217:20", "server closed the connection", "peer has closed", "link is down",
        "12:00:01 x1:00:02", "node:net:1555:16"}) {
    EXPECT_EQ(peer(line), "") << line;
  }
}

TEST(TriageParts, TwoHostsAreTwoConnections) {
  const Triage answer =
      of("link db-1.example.com:5432: write: broken pipe\n"
         "link db-2.example.com:5432: read: connection timed out\n");
  EXPECT_THAT(answer.conclusion, HasSubstr("2 connections are in this text"));
  EXPECT_NE(likelihood_of(answer, Cause::kSilentDrop), Likelihood::kExcluded);
  EXPECT_NE(likelihood_of(answer, Cause::kIdleClose), Likelihood::kExcluded);
  EXPECT_THAT(of("peer=node-b broken pipe\npeer=node-b broken pipe\n").conclusion,
              Not(HasSubstr("connections are in")));
}

TEST(TriageParts, ANameAndAnAddressMayBeOne) {
  const Triage answer =
      of("ping timeout peer=n2\n"
         "write tcp 10.0.0.1:4000->10.0.0.2:7000: use of closed network connection\n");
  EXPECT_THAT(answer.conclusion, Not(HasSubstr("connections are in")));
  EXPECT_NE(likelihood_of(answer, Cause::kOwnClose), Likelihood::kLikely);
}

TEST(TriageParts, ManyExamplesAreOneProof) {
  const std::string one = "FIN-WAIT-2 0 0 10.0.0.1:5000 10.0.0.2:443\n";
  EXPECT_TRUE(of(one + one + one).cannot_tell);
  const std::string ping = "pong timeout\n";
  const auto score = [](const Triage& answer) { return answer.suspects.front().score; };
  EXPECT_EQ(score(of(ping)), score(of(ping + ping + ping)));
}

}  // namespace
}  // namespace halfopen
