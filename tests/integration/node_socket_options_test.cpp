// Each defence of the kernel is asked back from the kernel.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "node/shell/evidence.hpp"
#include "node/shell/socket_options.hpp"

namespace halfopen::node {
namespace {

class NodeSocketOptions : public ::testing::Test {
 protected:
  ~NodeSocketOptions() override { ::close(socket_); }
  [[nodiscard]] int get(int level, int name) const {
    int value = -1;
    socklen_t length = sizeof value;
    ::getsockopt(socket_, level, name, &value, &length);
    return value;
  }
  int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
};

TEST_F(NodeSocketOptions, TheResilientPresetSetsThemAll) {
  ASSERT_EQ(set_socket_options(socket_, defences_of(Preset::kResilient)), 0);
  EXPECT_NE(get(SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(get(IPPROTO_TCP, TCP_KEEPIDLE), 15);
  EXPECT_EQ(get(IPPROTO_TCP, TCP_KEEPINTVL), 5);
  EXPECT_EQ(get(IPPROTO_TCP, TCP_KEEPCNT), 3);
  EXPECT_EQ(get(IPPROTO_TCP, TCP_USER_TIMEOUT), 29'000);
  EXPECT_NE(get(IPPROTO_TCP, TCP_NODELAY), 0);
}

TEST_F(NodeSocketOptions, TheNaivePresetSetsNone) {
  ASSERT_EQ(set_socket_options(socket_, defences_of(Preset::kNaive)), 0);
  EXPECT_EQ(get(SOL_SOCKET, SO_KEEPALIVE), 0);
  EXPECT_EQ(get(IPPROTO_TCP, TCP_USER_TIMEOUT), 0);
  EXPECT_NE(get(IPPROTO_TCP, TCP_NODELAY), 0) << "not a defence: a vote must not wait";
}

TEST_F(NodeSocketOptions, WhatTheKernelRefusesIsSaid) {
  Defences defences;
  defences.keepalive.count = 1000;
  EXPECT_EQ(set_socket_options(socket_, defences), EINVAL);
}

TEST_F(NodeSocketOptions, EvidenceOfALivingSocketDisturbsNothing) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const Evidence evidence = gather_evidence(pair[0], 0, Duration{0});
  EXPECT_EQ(evidence.so_error, 0);
  EXPECT_EQ(evidence.second_error, 0);
  EXPECT_FALSE(evidence.tcp_info) << "no TCP socket";
  char byte = 0;
  EXPECT_EQ(::recv(pair[1], &byte, 1, MSG_DONTWAIT), -1) << "nothing was sent";
  ::close(pair[0]);
  ::close(pair[1]);
}

}  // namespace
}  // namespace halfopen::node
