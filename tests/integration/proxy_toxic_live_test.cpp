// Stream faults that are added, changed and removed while bytes are under way, and what they leave
// to others meanwhile.
#include "tests/integration/proxy_toxic_fixture.hpp"

namespace halfopen::test {
namespace {

TEST_F(ToxicTest, RemovingALatencyLetsGoOfWhatItHeld) {
  Pair pair = establish();
  add_toxic("latency", "upstream", R"({"latency": 1000000})");
  ASSERT_EQ(pair.client.send_text("held"), 0);
  EXPECT_EQ(pair.upstream.receive(milliseconds(100)).kind, Received::Kind::kNothing);
  remove_fault("latency");
  EXPECT_EQ(pair.upstream.receive_exactly(4, kPatience), "held");
  ASSERT_EQ(pair.client.send_text("free"), 0);
  EXPECT_EQ(pair.upstream.receive_exactly(4, kPatience), "free");
}

TEST_F(ToxicTest, ChangingALatencyHoldsForWhatWaits) {
  Pair pair = establish();
  add_toxic("latency", "downstream", R"({"latency": 1000000})");
  ASSERT_EQ(pair.upstream.send_text("held"), 0);
  EXPECT_EQ(pair.client.receive(milliseconds(100)).kind, Received::Kind::kNothing);
  change_toxic("latency", R"({"attributes": {"latency": "1.5ms"}})");
  EXPECT_EQ(pair.client.receive_exactly(4, kPatience), "held");
}

TEST_F(ToxicTest, ToxicityIsDrawnAnewAtAChange) {
  Pair pair = establish();
  add_toxic("latency", "downstream", R"({"latency": 1000000})");
  ASSERT_EQ(pair.upstream.send_text("held"), 0);
  EXPECT_EQ(pair.client.receive(milliseconds(100)).kind, Received::Kind::kNothing);
  change_toxic("latency", R"({"toxicity": 0})");
  EXPECT_EQ(pair.client.receive_exactly(4, kPatience), "held");
  change_toxic("latency", R"({"toxicity": 1})");
  ASSERT_EQ(pair.upstream.send_text("held"), 0);
  EXPECT_EQ(pair.client.receive(milliseconds(100)).kind, Received::Kind::kNothing);
}

// Which of 24 connections a half-toxic fault hits.
class SeededToxicTest : public ToxicTest {
 protected:
  std::string hits(const std::string& seed) {
    proxy_.reset();
    start_proxy({"--seed", seed});
    EXPECT_EQ(control("POST", "/proxies",
                      R"({"name": "p", "listen": "127.0.2.1:7000", "upstream": "127.0.3.1:7100"})")
                  .status,
              201);
    add_toxic("limit_data", "downstream", R"({"bytes": 0})", R"(, "toxicity": 0.5)");
    std::string pattern;
    for (int i = 0; i < 24; ++i) {
      Pair pair = connect();
      EXPECT_EQ(pair.upstream.send_text("x"), 0);
      const Received first = pair.client.receive(kPatience);
      pattern += first.kind == Received::Kind::kBytes ? '.' : 'X';
    }
    return pattern;
  }
};

TEST_F(SeededToxicTest, ASeedReproducesWhoIsHit) {
  const std::string first = hits("7");
  EXPECT_EQ(hits("7"), first);
  EXPECT_NE(hits("8"), first);
  EXPECT_NE(first.find('X'), std::string::npos);
  EXPECT_NE(first.find('.'), std::string::npos);
}

TEST_F(ToxicTest, SeveralOfOneTypeAddUpAndGoOneByOne) {
  Pair pair = establish();
  for (const char* name : {"one", "two"}) {
    const auto added =
        control("POST", "/proxies/p/faults",
                std::string(R"({"type": "latency", "stream": "upstream", "name": ")") + name +
                    R"(", "attributes": {"latency": 150}})");
    ASSERT_EQ(added.status, 200) << added.body;
  }
  const milliseconds both = time_of([&] {
    ASSERT_EQ(pair.client.send_text("x"), 0);
    EXPECT_EQ(pair.upstream.receive_exactly(1, kPatience), "x");
  });
  EXPECT_GE(both, milliseconds(298));
  remove_fault("one");
  EXPECT_EQ(metric("fault_proxy_fault_active{fault=\"latency\",proxy=\"p\"}"), 1);
  remove_fault("two");
  EXPECT_EQ(metric("fault_proxy_fault_active{fault=\"latency\",proxy=\"p\"}"), 0);
  const auto added = events("fault_added");
  ASSERT_EQ(added.size(), 2U);
  EXPECT_EQ(added[0].at("stream"), "upstream");
}

// A stream that is spliced, shaped, changed and spliced again arrives as it was sent.
TEST_F(ToxicTest, ABulkTransferOutlivesEveryChange) {
  Pair pair = establish();
  std::string data;
  for (std::uint32_t i = 0; data.size() < 6'000'000; ++i)
    data += static_cast<char>((i * 2654435761U) >> 13U);
  const char* edits[] = {
      R"({"type": "latency", "name": "t", "stream": "upstream", "attributes": {"latency": 5, "jitter": 5}})",
      R"({"type": "slicer", "name": "t", "stream": "upstream", "attributes": {"average_size": 500, "size_variation": 400}})",
      R"({"type": "bandwidth", "name": "t", "stream": "upstream", "attributes": {"rate": 50000}})"};
  std::size_t sent = 0;
  std::size_t step = 0;
  std::string received;
  while (received.size() < data.size()) {
    if (sent < data.size()) {
      const long taken = pair.client.send_some(data.substr(sent, 100'000));
      if (taken > 0) sent += static_cast<std::size_t>(taken);
    }
    const Received part = pair.upstream.receive(sent < data.size() ? milliseconds(1) : kPatience);
    if (part.kind == Received::Kind::kBytes) received += part.bytes;
    if (part.kind == Received::Kind::kNothing && sent == data.size()) break;
    if (part.kind == Received::Kind::kEndOfStream || part.kind == Received::Kind::kError) break;
    if (received.size() > (step + 1) * data.size() / 13) {
      const auto edited = step % 2 == 0 ? control("POST", "/proxies/p/faults", edits[step / 2 % 3])
                                        : control("DELETE", "/proxies/p/faults/t");
      ASSERT_LT(edited.status, 300) << edited.body;
      ++step;
    }
  }
  EXPECT_TRUE(received == data) << "received " << received.size() << " of " << data.size();
  EXPECT_GE(step, 10U);
}

TEST_F(ToxicTest, AReaderThatHasStoppedHoldsUpNobodyElse) {
  Pair stopped = establish();
  Pair other = establish();
  add_toxic("latency", "downstream", R"({"latency": 100})");
  // Nobody reads at the client: every buffer on the way fills.
  const std::size_t sent = fill(stopped.upstream);
  const milliseconds patience(100);
  const auto expect_prompt = [&](const std::string& method, const std::string& path,
                                 const std::string& body = {}) {
    int status = 0;
    const milliseconds taken = time_of([&] { status = control(method, path, body).status; });
    EXPECT_LT(taken, patience) << method << " " << path;
    EXPECT_LT(status, 300) << method << " " << path;
  };
  expect_prompt("POST", "/proxies/p/faults/latency", R"({"attributes": {"latency": 50}})");
  expect_prompt("DELETE", "/proxies/p/faults/latency");
  expect_prompt("GET", "/proxies");
  expect_prompt("POST", "/proxies/p/faults",
                R"({"type": "bandwidth", "name": "b", "attributes": {"rate": 1000000}})");
  expect_prompt("DELETE", "/proxies/p/faults/b");
  ASSERT_EQ(other.upstream.send_text("prompt"), 0);
  EXPECT_EQ(other.client.receive_exactly(6, kPatience), "prompt");
  // And nothing was lost.
  EXPECT_GE(stopped.client.receive_exactly(sent, kPatience).size(), sent);
  fill(stopped.upstream);
  expect_prompt("DELETE", "/proxies/p");
}

// Also where one side's FIN ends both ways: what the other side had said before is not unsaid.
TEST_F(ToxicTest, AFinDoesNotTakeBackWhatIsHeldOfTheOtherWay) {
  const auto changed = control("POST", "/proxies/p", R"({"half_close": false})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  Pair pair = establish();
  add_toxic("latency", "downstream", R"({"latency": 300})");
  ASSERT_EQ(pair.upstream.send_text("answer"), 0);
  EXPECT_EQ(pair.client.receive(milliseconds(50)).kind, Received::Kind::kNothing);
  pair.client.shut_writing();
  EXPECT_EQ(pair.upstream.receive(kPatience).kind, Received::Kind::kEndOfStream);
  EXPECT_EQ(pair.client.receive_exactly(6, kPatience), "answer");
  EXPECT_EQ(pair.client.receive(kPatience).kind, Received::Kind::kEndOfStream);
  EXPECT_TRUE(
      wait_until([&] { return metric("fault_proxy_connections{proxy=\"p\"}") == 0; }, kPatience));
}

TEST_F(ToxicTest, ASlicerOfSingleBytesLeavesOthersTheirTurn) {
  Pair sliced = establish();
  add_toxic("slicer", "upstream", R"({"average_size": 1})");
  const std::string data(200'000, 's');
  ASSERT_EQ(sliced.client.send_text(data), 0);
  const milliseconds taken = time_of([&] { EXPECT_EQ(control("GET", "/proxies").status, 200); });
  EXPECT_LT(taken, milliseconds(100));
  EXPECT_EQ(sliced.upstream.receive_exactly(data.size(), kPatience).size(), data.size());
}

}  // namespace
}  // namespace halfopen::test
