#include "tests/integration/proxy_fixture.hpp"

#include <unistd.h>

#include <boost/json/parse.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace halfopen::test {

void ProxyTest::SetUp() {
  if (const auto entered = enter_private_network(); entered.has_error()) {
    GTEST_SKIP() << "this machine allows no private network: " << entered.error().text;
  }
  const auto dropping = drop_marked_packets(kMark);
  ASSERT_TRUE(dropping.has_value()) << dropping.error().text;
  const std::string stem = ::testing::TempDir() + "fault-proxy-test-" + std::to_string(getpid());
  events_path_ = stem + ".jsonl";
  stderr_path_ = stem + ".stderr";
  std::remove(events_path_.c_str());
  upstream_listener_ = TestSocket::listen(kUpstreamHost, kUpstreamPort);
  ASSERT_TRUE(upstream_listener_.is_open());
  start_proxy();
  const auto created = control("POST", "/proxies",
                               R"({"name": "p", "half_close": true, "listen": "127.0.2.1:7000",
                                   "upstream": "127.0.3.1:7100"})");
  ASSERT_EQ(created.status, 201) << created.body;
}

void ProxyTest::TearDown() {
  proxy_.reset();
  std::remove(events_path_.c_str());
  std::remove(stderr_path_.c_str());
}

void ProxyTest::start_proxy(const std::vector<std::string>& more_arguments) {
  std::vector<std::string> arguments{FAULT_PROXY_PROGRAM, "--control", "127.0.0.1:8474", "--events",
                                     events_path_};
  arguments.insert(arguments.end(), more_arguments.begin(), more_arguments.end());
  proxy_ = std::make_unique<ChildProcess>(arguments, stderr_path_);
  ASSERT_TRUE(wait_until([this] { return control("GET", "/version").status == 200; }, kPatience));
}

HttpReply ProxyTest::control(const std::string& method, const std::string& path,
                             const std::string& body) const {
  return http_request("127.0.0.1", kControlPort, method, path, body);
}

void ProxyTest::add_fault(const std::string& type, const std::string& attributes) {
  const auto added = control("POST", "/proxies/p/faults",
                             R"({"type": ")" + type + R"(", "attributes": )" + attributes + "}");
  ASSERT_EQ(added.status, 200) << added.body;
}

void ProxyTest::remove_fault(const std::string& name) {
  const auto removed = control("DELETE", "/proxies/p/faults/" + name);
  ASSERT_EQ(removed.status, 204) << removed.body;
}

ProxyTest::Pair ProxyTest::establish(int receive_buffer_bytes) {
  if (receive_buffer_bytes > 0) {
    upstream_listener_.close();
    upstream_listener_ = TestSocket::listen(kUpstreamHost, kUpstreamPort, receive_buffer_bytes);
  }
  Pair pair;
  pair.client = TestSocket::dial(kListenHost, kListenPort, receive_buffer_bytes);
  EXPECT_TRUE(pair.client.wait_connected(kPatience));
  pair.upstream = upstream_listener_.accept(kPatience);
  EXPECT_TRUE(pair.upstream.is_open());
  EXPECT_EQ(pair.client.send_text(">"), 0);
  EXPECT_EQ(pair.upstream.receive_exactly(1, kPatience), ">");
  EXPECT_EQ(pair.upstream.send_text("<"), 0);
  EXPECT_EQ(pair.client.receive_exactly(1, kPatience), "<");
  return pair;
}

std::size_t ProxyTest::fill(TestSocket& from) {
  const std::string chunk(65536, 'x');
  std::size_t total = 0;
  while (from.send_text(chunk) == 0)
    total += chunk.size();
  return total;
}

double ProxyTest::metric(const std::string& series) const {
  std::istringstream lines(control("GET", "/metrics").body);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(series + " ")) return std::atof(line.c_str() + series.size());
  }
  ADD_FAILURE() << "no series " << series;
  return -1;
}

bool ProxyTest::metric_reaches(const std::string& series, double value) const {
  return wait_until([&] { return metric(series) >= value; }, kPatience);
}

std::vector<boost::json::object> ProxyTest::events(const std::string& name) const {
  std::vector<boost::json::object> found;
  std::ifstream file(events_path_);
  for (std::string line; std::getline(file, line);) {
    auto event = boost::json::parse(line).as_object();
    if (event.at("event") == boost::json::value(name)) found.push_back(std::move(event));
  }
  return found;
}

boost::json::object ProxyTest::first_event(const std::string& name) const {
  if (!wait_until([&] { return !events(name).empty(); }, kPatience)) {
    ADD_FAILURE() << "no event " << name;
    return {{"reason", ""}, {"errno", ""},  {"idle_ms", 0},
            {"side", ""},   {"action", ""}, {"seen", false}};
  }
  return events(name).front();
}

PacketCapture ProxyTest::start_capture() {
  auto capture = PacketCapture::start(kControlPort);
  if (capture.has_error()) throw std::runtime_error(capture.error().text);
  return std::move(*capture);
}

std::string ProxyTest::sent_by_proxy(PacketCapture& capture) {
  std::string text;
  for (const Segment& segment : capture.segments()) {
    const bool to_client = segment.source_port == kListenPort;
    const bool to_upstream = segment.destination_port == kUpstreamPort;
    if (to_client || to_upstream) text += to_text(segment) + "\n";
  }
  if (capture.lost() != 0) text += "the capture lost packets\n";
  return text;
}

}  // namespace halfopen::test
