#include "node/core/reasons.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>
#include <string>

namespace halfopen::node {
namespace {

TEST(NodeReasons, ErrnoNamesTheMechanism) {
  const auto reason = [](int error) { return reason_of_failure({error, 0}, false); };
  EXPECT_EQ(reason(ECONNRESET), Reason::kReset);
  EXPECT_EQ(reason(EPIPE), Reason::kBrokenPipe);
  EXPECT_EQ(reason(ECONNABORTED), Reason::kAborted);
  EXPECT_EQ(reason(EHOSTUNREACH), Reason::kUnreachable);
  EXPECT_EQ(reason(ENETUNREACH), Reason::kUnreachable);
  EXPECT_EQ(reason(ENOBUFS), Reason::kOverflow);
  EXPECT_EQ(reason(EIO), Reason::kIoError);
}

TEST(NodeReasons, ATimeoutIsToldApartByWhatWasUnacknowledged) {
  EXPECT_EQ(reason_of_failure({ETIMEDOUT, 0}, false), Reason::kKeepaliveTimeout);
  EXPECT_EQ(reason_of_failure({ETIMEDOUT, 0}, true), Reason::kKeepaliveTimeout);
  EXPECT_EQ(reason_of_failure({ETIMEDOUT, 28}, true), Reason::kUserTimeout);
  EXPECT_EQ(reason_of_failure({ETIMEDOUT, 28}, false), Reason::kRetransmissionTimeout);
}

TEST(NodeReasons, DialsFailInTheirOwnWays) {
  EXPECT_EQ(reason_of_dial_failure(ECONNREFUSED), Reason::kRefused);
  EXPECT_EQ(reason_of_dial_failure(EHOSTUNREACH), Reason::kUnreachable);
  EXPECT_EQ(reason_of_dial_failure(ENETUNREACH), Reason::kUnreachable);
  EXPECT_EQ(reason_of_dial_failure(ETIMEDOUT), Reason::kDialTimeout);
  EXPECT_EQ(reason_of_dial_failure(EADDRNOTAVAIL), Reason::kDialFailed);
}

TEST(NodeReasons, TheTableIsCompleteAndItsNamesAreLabels) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(Reason::kAnswered); ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_TRUE(names.insert(name_of(reason)).second) << name_of(reason) << " is there twice";
    EXPECT_EQ(name_of(reason).find_first_not_of("abcdefghijklmnopqrstuvwxyz_"),
              std::string_view::npos);
    EXPECT_GT(sentence_of(reason).size(), 10U);
  }
  for (const char* name : {"keepalive_timeout", "user_timeout", "ping_timeout", "ack_timeout",
                           "reset", "broken_pipe", "eof", "refused", "unreachable", "dial_timeout",
                           "handshake_failed", "replaced", "tie_break", "shutdown"}) {
    EXPECT_TRUE(names.contains(name)) << name;
  }
}

}  // namespace
}  // namespace halfopen::node
