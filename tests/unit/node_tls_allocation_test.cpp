// A small message on an open session allocates nothing in OpenSSL: a ping must not meet a slow
// malloc. A test program of its own, because OpenSSL's allocator can be watched only from the very
// beginning.
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <array>
#include <cstdlib>

#include "tests/unit/node_tls_pair.hpp"

namespace {

std::size_t allocations = 0;

void* count_allocation(std::size_t size, const char*, int) {
  ++allocations;
  return std::malloc(size);
}
void* count_reallocation(void* block, std::size_t size, const char*, int) {
  ++allocations;
  return std::realloc(block, size);
}
void forget(void* block, const char*, int) {
  std::free(block);
}

const int watches_openssl =
    CRYPTO_set_mem_functions(&count_allocation, &count_reallocation, &forget);

}  // namespace

namespace halfopen::node {
namespace {

TEST(NodeTlsAllocation, ASmallMessageAllocatesNothing) {
  ASSERT_EQ(watches_openssl, 1);
  test::TlsPair pair;
  pair.exchange();
  ASSERT_EQ(pair.acceptor.state(), TlsSession::State::kOpen);
  ASSERT_GT(allocations, 100U) << "the handshake is seen to allocate";
  std::array<std::uint8_t, 4096> wire{};
  std::array<std::uint8_t, 4096> text{};
  std::size_t received = 0;
  const auto send = [&](TlsSession& from, TlsSession& to) {
    const bool written = from.write(test::octets("ping of 40 bytes or so, as it goes round"));
    const auto waiting = from.ciphertext();
    if (!written || waiting.size() > wire.size()) return;
    std::copy(waiting.begin(), waiting.end(), wire.begin());
    to.feed(std::span(wire).first(waiting.size()));
    from.take_ciphertext(waiting.size());
    while (const std::size_t count = to.read(text))
      received += count;
  };
  // The first message of each side may still set up what the next ones use.
  send(pair.dialer, pair.acceptor);
  send(pair.acceptor, pair.dialer);
  const std::size_t before = allocations;
  for (int i = 0; i < 1000; ++i) {
    send(pair.dialer, pair.acceptor);
    send(pair.acceptor, pair.dialer);
  }
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_EQ(received, std::size_t{2002 * 40});
}

}  // namespace
}  // namespace halfopen::node
