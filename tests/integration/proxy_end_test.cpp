// The end of the program: everything goes in an order in which nobody misses who went before.
#include <gtest/gtest.h>

#include <memory>

#include "proxy/shell/proxy_set.hpp"

namespace halfopen::test {
namespace {

// A connection that ends with the program is destroyed by what was posted, and needs the resolver
// and the pipes for it, which are gone before the loop is.
TEST(ProxyEndTest, WhatIsLeftForALaterTurnGoesWithTheProxies) {
  EventLoop loop;
  const auto ended = std::make_shared<int>();
  Resolver resolver{loop};
  PipePool pipes;
  MetricSet metrics;
  EventLog events{"fault-proxy", "fault-proxy"};
  ProxyContext context{loop, resolver, pipes, metrics, events, 0};
  bool has_run = false;
  {
    const ProxySet proxies{context};
    loop.post([ended, &has_run] { has_run = true; });
    ASSERT_EQ(ended.use_count(), 2);
  }
  EXPECT_EQ(ended.use_count(), 1);
  EXPECT_FALSE(has_run);
}

}  // namespace
}  // namespace halfopen::test
