// The program's options, limits and ends.
#include <sys/resource.h>

#include <algorithm>
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
  struct Case {
    std::vector<std::string> arguments;
    const char* words;
  };
  const Case cases[] = {
      {{"--nonsense"}, "unknown option --nonsense"},
      {{"--prot", "1"}, "unknown option --prot, did you mean \"--port\"?"},
      {{"-hosst=localhost"}, "unknown option --hosst, did you mean \"--host\"?"},
      {{"--port", "99999"}, "--port: expected a port from 1 to 65535, got \"99999\""},
      {{"--mark", "abc"}, "--mark: expected a whole number above 0, got \"abc\""},
      {{"--connections-max", "0"}, "expected a whole number above 0, got \"0\""},
      {{"faults", "latenci"}, "no fault is called \"latenci\"; did you mean \"latency\"?"},
      {{"profils"}, "unknown word profils, did you mean \"profiles\"?"},
      {{"ctl", "lisst"}, "unknown word lisst, did you mean \"list\"?"},
      {{"ctl", "toxic", "add", "p", "--tipe", "x"}, "did you mean \"--type\"?"},
      {{"ctl"}, "expected"},
      {{"ctl", "create", "p"}, "--upstream is required"},
      {{"ctl", "--url", "https://x", "list"}, "only http:// is spoken here"},
      {{"ctl", "add", "p", "-t", "nat", "-a", "novalue"}, "expected KEY=VALUE"},
      {{"ctl", "kill", "p"}, "say which connection"},
      {{"--mark", "blue"}, "--mark"},
      {{"--port", "70000"}, "--port"},
      {{"--log-format", "xml"}, "--log-format"},
      {{"--control", "localhost"}, "--control: \"localhost\" is not an address"},
      {{"--host", "name.that.is.not.here"}, "--host: \"name.that.is.not.here\" is no address"},
      {{"--control", "0.0.0.0:0"}, "set --token-file FILE (or --token TOKEN)"},
      {{"-host=0.0.0.0"}, "set --token-file FILE (or --token TOKEN)"},
      {{"--token-file", "/nonexistent"}, "--token-file: cannot read /nonexistent"},
      {{"--control", "127.0.0.1:0", "--config", "/nonexistent.json"},
       "/nonexistent.json: cannot be opened"},
      {{"--control", "127.0.0.1:0", "--events", "/nonexistent/e"}, "--events: cannot open"},
  };
  for (const Case& each : cases) {
    const auto outcome = run(each.arguments);
    EXPECT_EQ(outcome.exit_code, 64) << each.words;
    EXPECT_THAT(outcome.words, HasSubstr(each.words));
    EXPECT_EQ(std::count(outcome.words.begin(), outcome.words.end(), '\n'), 1) << outcome.words;
  }
}

TEST_F(ProxyProgramTest, AnApiPortInUseEndsItWithOne) {
  const auto outcome = run({"--control", "127.0.0.1:8474"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.words, HasSubstr("cannot listen on 127.0.0.1:8474"));
}

TEST_F(ProxyProgramTest, AProxyThatCannotBeHadSaysSoAndLeavesTheRest) {
  const std::string path = write_config(R"([
      {"name": "bad", "listen": "127.0.3.1:7100", "upstream": "127.0.0.1:1"},
      {"name": "good", "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1"}])");
  proxy_.reset();
  start_proxy({"--config", path});
  EXPECT_EQ(control("GET", "/proxies/bad").status, 404);
  EXPECT_EQ(control("GET", "/proxies/good").status, 200);
  std::ifstream file(stderr_path_);
  std::ostringstream words;
  words << file.rdbuf();
  EXPECT_THAT(words.str(), HasSubstr("proxy=bad"));
  EXPECT_THAT(words.str(), HasSubstr("bind: address already in use"));
  std::remove(path.c_str());
}

TEST_F(ProxyProgramTest, AConfigIsReadOrRefusedWithItsPlace) {
  struct Case {
    const char* config;
    const char* words;
  };
  const Case cases[] = {
      {"", "not a configuration: bad request body: EOF"},
      {"[{]", "invalid character ']'"},
      {"[\n  {\"name\" \"q\"}\n]", "after object key, line 2"},
      {"{}", "expected an array of {"},
      {R"([{"name": "q"}])", "missing required field: upstream at proxy 1"},
      {R"([{"name": "q", "upstream": "u:1"}, {"name": "q", "upstream": "u:1"}])",
       "two proxies are called q"},
      {R"([{"name": "q", "upstream": "u:1",
            "faults": [{"type": "nat", "attributes": {"idle_timeout": "3"}}]}])",
       ": proxy 1: faults[0]: attributes.idle_timeout: expected"},
  };
  std::string path;
  for (const Case& each : cases) {
    path = write_config(each.config);
    for (const bool only_check : {true, false}) {
      std::vector<std::string> arguments{"--control", "127.0.0.1:0", "--config", path};
      if (only_check) arguments.emplace_back("--check-config");
      const auto outcome = run(arguments);
      EXPECT_EQ(outcome.exit_code, 64) << each.config;
      EXPECT_THAT(outcome.words, HasSubstr(path + ": "));
      EXPECT_THAT(outcome.words, HasSubstr(each.words));
    }
  }
  (void)write_config(R"([{"name": "q", "listen": "127.0.2.2:7000", "upstream": "127.0.3.1:7100",
       "faults": [{"type": "nat", "attributes": {"idle_timeout": "3s"}}]}])");
  EXPECT_EQ(run({"--check-config", "--config", path}).exit_code, 0);
  proxy_.reset();
  start_proxy({"--config", path});
  EXPECT_EQ(control("GET", "/proxies/q/faults/nat").status, 200);
  std::remove(path.c_str());
}

TEST_F(ProxyProgramTest, ToxiproxysOptionsWork) {
  proxy_.reset();
  const std::string path = write_config(R"([{"name": "q", "upstream": "127.0.3.1:7100"}])");
  proxy_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{FAULT_PROXY_PROGRAM, "-host", "localhost", "-port=8474", "-config",
                               path, "-seed", "7", "-proxy-metrics", "-runtime-metrics"},
      stderr_path_);
  ASSERT_TRUE(wait_until([this] { return control("GET", "/version").status == 200; }, kPatience));
  EXPECT_EQ(control("GET", "/proxies/q").status, 200);
  EXPECT_EQ(run({"-version"}).exit_code, 0);
  std::remove(path.c_str());
}

TEST_F(ProxyProgramTest, WithATokenOnlyWhoShowsItIsServed) {
  proxy_.reset();
  const std::string path = write_config("secret\n");
  const auto ask = [](const std::string& more) {
    return http_request("127.0.0.1", kControlPort, "GET", "/version", "", seconds(5), more);
  };
  proxy_ =
      std::make_unique<ChildProcess>(std::vector<std::string>{FAULT_PROXY_PROGRAM, "--control",
                                                              "0.0.0.0:8474", "--token-file", path},
                                     stderr_path_);
  ASSERT_TRUE(wait_until([&] { return ask("").status == 401; }, kPatience));
  EXPECT_THAT(ask("").head, HasSubstr("WWW-Authenticate: Bearer"));
  EXPECT_EQ(ask("Authorization: Bearer secreT\r\n").status, 401);
  EXPECT_EQ(ask("Authorization: Bearer secret2\r\n").status, 401);
  EXPECT_EQ(ask("Authorization: Basic secret\r\n").status, 401);
  EXPECT_EQ(ask("Authorization: bearer secret\r\n").status, 200);
  EXPECT_EQ(run({"ctl", "--token", "wrong", "list"}).exit_code, 1);
  EXPECT_EQ(run({"ctl", "--token-file", path, "list"}).exit_code, 0);
  std::remove(path.c_str());
}

// What is wrong with an upstream is said where a person looks first.
TEST_F(ProxyProgramTest, AnUpstreamThatIsNotReachedIsLoggedWithItsReason) {
  ASSERT_EQ(control("POST", "/proxies",
                    R"({"name": "q", "listen": "127.0.2.1:7009", "upstream": "127.0.3.1"})")
                .status,
            201);
  const TestSocket client = TestSocket::dial(kListenHost, 7009);
  const auto log_text = [this] {
    std::ostringstream words;
    words << std::ifstream(stderr_path_).rdbuf();
    return words.str();
  };
  EXPECT_TRUE(wait_until([&] { return log_text().find("was not reached") != std::string::npos; },
                         kPatience));
  EXPECT_THAT(log_text(), HasSubstr("message=proxy_started proxy=q listen=127.0.2.1:7009"));
  EXPECT_THAT(log_text(), HasSubstr("proxy=q upstream=127.0.3.1 problem=\"no address with a port, "
                                    "expected HOST:PORT\""));
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
  EXPECT_EQ(first_event("connection_refused").at("limit"), "--connections-max 1");
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
