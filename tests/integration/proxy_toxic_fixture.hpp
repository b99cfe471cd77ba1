// Stream faults on the real fault-proxy, the same tests for either direction.
#pragma once

#include <chrono>
#include <string>
#include <utility>

#include "tests/integration/proxy_fixture.hpp"

namespace halfopen::test {

class ToxicTest : public ProxyTest {
 protected:
  // `more` is further JSON of the fault, with a comma before it.
  HttpReply post_toxic(const std::string& type, const std::string& stream,
                       const std::string& attributes, const std::string& more = {}) const {
    return control("POST", "/proxies/p/faults",
                   R"({"type": ")" + type + R"(", "name": ")" + type + R"(", "stream": ")" +
                       stream + R"(", "attributes": )" + attributes + more + "}");
  }
  void add_toxic(const std::string& type, const std::string& stream,
                 const std::string& attributes = "{}", const std::string& more = {}) const {
    const auto added = post_toxic(type, stream, attributes, more);
    ASSERT_EQ(added.status, 200) << added.body;
  }
  void change_toxic(const std::string& name, const std::string& body) const {
    const auto changed = control("POST", "/proxies/p/faults/" + name, body);
    ASSERT_EQ(changed.status, 200) << changed.body;
  }

  // A connection through which nothing has gone yet.
  Pair connect() {
    Pair pair;
    pair.client = TestSocket::dial(kListenHost, kListenPort);
    EXPECT_TRUE(pair.client.wait_connected(kPatience));
    pair.upstream = upstream_listener_.accept(kPatience);
    EXPECT_TRUE(pair.upstream.is_open());
    return pair;
  }

  template <class Action>
  static milliseconds time_of(Action action) {
    const auto start = std::chrono::steady_clock::now();
    action();
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now() - start);
  }
};

class ToxicDirectionTest : public ToxicTest, public ::testing::WithParamInterface<const char*> {
 protected:
  static std::string stream() { return GetParam(); }
  static std::string other_stream() { return stream() == "upstream" ? "downstream" : "upstream"; }
  // The end that sends in the direction under test, and the one that receives.
  static TestSocket& source(Pair& pair) {
    return stream() == "upstream" ? pair.client : pair.upstream;
  }
  static TestSocket& sink(Pair& pair) {
    return stream() == "upstream" ? pair.upstream : pair.client;
  }
};

}  // namespace halfopen::test
