// A fault that cannot be produced although the machine was probed for it: the run must be told.
//
// The refusal is real. The test takes a duplicate of one of the proxy's sockets and locks its
// filter, after which the kernel lets nobody attach another.
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

constexpr int kDescriptorsSearched = 256;
constexpr const char* kBlackholeFailures =
    "fault_proxy_fault_failures_total{fault=\"blackhole\",proxy=\"p\"}";
constexpr const char* kNatFailures = "fault_proxy_fault_failures_total{fault=\"nat\",proxy=\"p\"}";

enum class Lock : std::uint8_t { kDone, kNoSuchSocket, kForbidden };

class ProxyFailureTest : public ProxyTest {
 protected:
  // The proxy's socket with this local and this peer's port; 0 is a listener's.
  Lock lock_filter(std::uint16_t local_port, std::uint16_t peer_port) const {
    const TestSocket process{static_cast<int>(syscall(SYS_pidfd_open, proxy_->pid(), 0))};
    if (!process.is_open()) return Lock::kForbidden;
    for (int number = 0; number < kDescriptorsSearched; ++number) {
      const TestSocket copy{
          static_cast<int>(syscall(SYS_pidfd_getfd, process.descriptor(), number, 0))};
      if (!copy.is_open() && errno != EBADF) return Lock::kForbidden;
      if (!copy.is_open() || local_port_of(copy) != local_port || copy.peer_port() != peer_port) {
        continue;
      }
      const int on = 1;
      const bool locked =
          setsockopt(copy.descriptor(), SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on) == 0;
      return locked ? Lock::kDone : Lock::kForbidden;
    }
    return Lock::kNoSuchSocket;
  }

 private:
  static std::uint16_t local_port_of(const TestSocket& socket) {
    sockaddr_in address{};
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (getsockname(socket.descriptor(), generic, &size) != 0) return 0;
    return address.sin_family == AF_INET ? ntohs(address.sin_port) : std::uint16_t{0};
  }
};

TEST_F(ProxyFailureTest, ABlackholeThatMissesAConnectionIsAnEventAndCounted) {
  Pair pair = establish();
  const Lock lock = lock_filter(kListenPort, pair.client.local_port());
  if (lock == Lock::kForbidden) GTEST_SKIP() << "this machine shares no descriptors (pidfd_getfd)";
  ASSERT_EQ(lock, Lock::kDone);
  add_fault("blackhole", "{}");
  EXPECT_EQ(metric(kBlackholeFailures), 1);
  const auto event = first_event("fault_failed");
  EXPECT_EQ(event.at("proxy"), "p");
  EXPECT_EQ(event.at("fault"), "blackhole");
  EXPECT_EQ(event.at("conn"), first_event("connection_opened").at("conn"));
  EXPECT_EQ(event.at("what"), "SO_ATTACH_FILTER: Operation not permitted");
  // What cannot be silenced must not go on to acknowledge: nobody would move it on.
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_TRUE(holds_for(
      [&] {
        const auto end = find_kernel_socket(pair.client.local_port(), kListenPort);
        return end && end->unacked_bytes > 0;
      },
      milliseconds(300)));
  remove_fault("blackhole");
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET);
  EXPECT_EQ(pair.upstream.tcp_state(), "ESTABLISHED");
  ASSERT_EQ(pair.upstream.send_text("y"), 0);
  EXPECT_EQ(pair.upstream.receive(kPatience).error, ECONNRESET);
}

TEST_F(ProxyFailureTest, ABlackholeThatMissesTheUpstreamsLegLeavesTheClientInNoDoubt) {
  Pair pair = establish();
  const Lock lock = lock_filter(pair.upstream.peer_port(), kUpstreamPort);
  if (lock == Lock::kForbidden) GTEST_SKIP() << "this machine shares no descriptors (pidfd_getfd)";
  ASSERT_EQ(lock, Lock::kDone);
  add_fault("blackhole", "{}");
  EXPECT_EQ(metric(kBlackholeFailures), 1);
  ASSERT_EQ(pair.upstream.send_text("y"), 0);
  EXPECT_EQ(pair.upstream.receive(kPatience).error, ECONNRESET);
  remove_fault("blackhole");
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET) << "its other half is gone";
}

TEST_F(ProxyFailureTest, ABlackholeThatMissesTheListenerIsAnEventWithoutAConnection) {
  const Lock lock = lock_filter(kListenPort, 0);
  if (lock == Lock::kForbidden) GTEST_SKIP() << "this machine shares no descriptors (pidfd_getfd)";
  ASSERT_EQ(lock, Lock::kDone);
  add_fault("blackhole", "{}");
  EXPECT_EQ(metric(kBlackholeFailures), 1);
  EXPECT_FALSE(first_event("fault_failed").contains("conn"));
}

TEST_F(ProxyFailureTest, AnExpiryThatLeavesALegAloudIsAnEventAndCounted) {
  Pair pair = establish();
  const Lock lock = lock_filter(kListenPort, pair.client.local_port());
  if (lock == Lock::kForbidden) GTEST_SKIP() << "this machine shares no descriptors (pidfd_getfd)";
  ASSERT_EQ(lock, Lock::kDone);
  add_fault("nat", R"({"idle_timeout": "300ms"})");
  ASSERT_TRUE(metric_reaches(kNatFailures, 1));
  const auto event = first_event("fault_failed");
  EXPECT_EQ(event.at("fault"), "nat");
  EXPECT_EQ(event.at("conn"), first_event("connection_opened").at("conn"));
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_EQ(pair.client.receive(kPatience).error, ECONNRESET) << "it is ended instead";
}

}  // namespace
}  // namespace halfopen::test
