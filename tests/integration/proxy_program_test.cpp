// The program's options, limits and ends.
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {
namespace {

using ::testing::HasSubstr;

class ProxyProgramTest : public ProxyTest {
 protected:
  struct Outcome {
    int exit_code;
    std::string words;
  };
  Outcome run(std::vector<std::string> arguments) {
    const std::string path = stderr_path_ + ".other";
    arguments.insert(arguments.begin(), FAULT_PROXY_PROGRAM);
    ChildProcess program{arguments, path};
    const auto exit_code = program.wait_for_exit(kPatience);
    std::ifstream file(path);
    std::ostringstream words;
    words << file.rdbuf();
    std::remove(path.c_str());
    return {exit_code.value_or(-1), words.str()};
  }
  std::string write_config(const std::string& text) {
    std::string path = stderr_path_ + ".config.json";
    std::ofstream(path) << text;
    return path;
  }
};

TEST_F(ProxyProgramTest, TermAndIntEndItWithZero) {
  for (const int signal : {SIGTERM, SIGINT}) {
    proxy_->send_signal(signal);
    EXPECT_EQ(proxy_->wait_for_exit(kPatience), 0);
    start_proxy();
  }
}

TEST_F(ProxyProgramTest, BadOptionsEndItWith64AndOneReason) {
  EXPECT_EQ(run({"--nonsense"}).exit_code, 64);
  EXPECT_EQ(run({"--mark", "blue"}).exit_code, 64);
  EXPECT_EQ(run({"--log-format", "xml"}).exit_code, 64);
  const auto address = run({"--control", "localhost"});
  EXPECT_EQ(address.exit_code, 64);
  EXPECT_THAT(address.words, HasSubstr("--control: \"localhost\" is not an address"));
  const auto missing = run({"--control", "127.0.0.1:0", "--config", "/nonexistent.json"});
  EXPECT_EQ(missing.exit_code, 64);
  EXPECT_THAT(missing.words, HasSubstr("/nonexistent.json: cannot be opened"));
}

TEST_F(ProxyProgramTest, APortInUseEndsItWithOne) {
  const auto outcome = run({"--control", "127.0.0.1:8474"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.words, HasSubstr("cannot listen on 127.0.0.1:8474"));
  const std::string path =
      write_config(R"([{"name": "q", "listen": "127.0.2.1:7000", "upstream": "127.0.0.1:1"}])");
  const auto proxy = run({"--control", "127.0.0.1:0", "--config", path});
  EXPECT_EQ(proxy.exit_code, 1);
  EXPECT_THAT(proxy.words, HasSubstr("proxy [0]: listen: cannot listen on 127.0.2.1:7000"));
  std::remove(path.c_str());
}

TEST_F(ProxyProgramTest, AConfigIsReadOrRefusedWithItsPlace) {
  const std::string path = write_config(R"([
      {"name": "q", "listen": "127.0.0.1:0", "upstream": "127.0.3.1:7100",
       "faults": [{"type": "nat", "attributes": {"idle_timeout": "3"}}]}])");
  const auto outcome = run({"--control", "127.0.0.1:0", "--config", path});
  EXPECT_EQ(outcome.exit_code, 64);
  EXPECT_THAT(outcome.words, HasSubstr("proxy [0]: faults: attributes.idle_timeout: expected"));
  (void)write_config(R"([{"name": "q", "listen": "127.0.2.1:7000", "upstream": "127.0.3.1:7100",
       "faults": [{"type": "nat", "attributes": {"idle_timeout": "3s"}}]}])");
  proxy_.reset();
  start_proxy({"--config", path});
  EXPECT_EQ(control("GET", "/proxies/q/faults/nat").status, 200);
  std::remove(path.c_str());
}

TEST_F(ProxyProgramTest, VersionAndHelpAreAnswered) {
  EXPECT_EQ(run({"--version"}).exit_code, 0);
  EXPECT_EQ(run({"--help"}).exit_code, 0);
}

TEST_F(ProxyProgramTest, ConnectionsBeyondTheLimitAreResetAndCounted) {
  proxy_.reset();
  start_proxy({"--connections-max", "1"});
  ASSERT_EQ(control("POST", "/proxies",
                    R"({"name": "p", "listen": "127.0.2.1:7000", "upstream": "127.0.3.1:7100"})")
                .status,
            201);
  Pair pair = establish();
  TestSocket second = TestSocket::dial(kListenHost, kListenPort);
  EXPECT_TRUE(wait_until([&] { return second.tcp_state() == "CLOSE"; }, kPatience));
  EXPECT_EQ(metric("fault_proxy_connections_total{outcome=\"limit\",proxy=\"p\"}"), 1);
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_EQ(pair.upstream.receive_exactly(1, kPatience), "x");
}

TEST_F(ProxyProgramTest, WithoutDescriptorsClientsAreTurnedAwayAndTheRestGoesOn) {
  Pair pair = establish();
  std::set<rlim_t> used;
  for (const auto& entry :
       std::filesystem::directory_iterator("/proc/" + std::to_string(proxy_->pid()) + "/fd")) {
    used.insert(std::stoul(entry.path().filename()));
  }
  rlim_t lowest_free = 0;
  while (used.contains(lowest_free))
    ++lowest_free;
  const rlimit no_more{lowest_free, lowest_free};
  ASSERT_EQ(prlimit(proxy_->pid(), RLIMIT_NOFILE, &no_more, nullptr), 0);
  std::vector<TestSocket> dialled;
  dialled.reserve(16);
  for (int i = 0; i < 16; ++i)
    dialled.push_back(TestSocket::dial(kListenHost, kListenPort));
  // Who is not accepted stays connected to the kernel and waits for ever.
  EXPECT_TRUE(wait_until([&] { return dialled.back().tcp_state() == "CLOSE"; }, kPatience));
  ASSERT_EQ(pair.client.send_text("x"), 0);
  EXPECT_EQ(pair.upstream.receive_exactly(1, kPatience), "x");
}

}  // namespace
}  // namespace halfopen::test
