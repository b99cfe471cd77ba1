// The real fault-proxy between a client and an upstream of the test's own, in a private network.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/child_process.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/kernel_socket.hpp"
#include "tests/support/packet_capture.hpp"
#include "tests/support/private_network.hpp"
#include "tests/support/test_socket.hpp"
#include "tests/support/wait_until.hpp"

namespace halfopen::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

// No test waits longer than this for something that must happen.
inline constexpr milliseconds kPatience = seconds(10);
inline constexpr std::uint16_t kControlPort = 8474;
inline constexpr std::uint32_t kMark = 0x68616c66;

class ProxyTest : public ::testing::Test {
 protected:
  static constexpr const char* kListenHost = "127.0.2.1";
  static constexpr std::uint16_t kListenPort = 7000;
  static constexpr const char* kUpstreamHost = "127.0.3.1";
  static constexpr std::uint16_t kUpstreamPort = 7100;

  struct Pair {
    TestSocket client;
    TestSocket upstream;
  };

  void SetUp() override;
  void TearDown() override;

  void start_proxy(const std::vector<std::string>& more_arguments = {});
  HttpReply control(const std::string& method, const std::string& path,
                    const std::string& body = {}) const;
  // On the proxy "p"; fails the test if it is refused.
  void add_fault(const std::string& type, const std::string& attributes = "{}");
  void remove_fault(const std::string& name);

  // Connected through the proxy; a byte has gone each way. Buffers of 0 are the kernel's choice.
  Pair establish(int receive_buffer_bytes = 0);
  // Sends until the sender's own kernel takes no more.
  static std::size_t fill(TestSocket& from);

  // The value of a series as /metrics shows it: "fault_proxy_nat_entries{proxy=\"p\"}".
  double metric(const std::string& series) const;
  [[nodiscard]] bool metric_reaches(const std::string& series, double value) const;
  // The first event of this name, waited for; empty if none comes.
  boost::json::object first_event(const std::string& name) const;
  // Events of this name until now, in order.
  std::vector<boost::json::object> events(const std::string& name) const;

  PacketCapture start_capture();
  // Segments that left the proxy on either leg, as text; empty is silence.
  static std::string sent_by_proxy(PacketCapture& capture);

  std::string events_path_;
  std::string stderr_path_;
  std::unique_ptr<ChildProcess> proxy_;
  TestSocket upstream_listener_;
};

}  // namespace halfopen::test
