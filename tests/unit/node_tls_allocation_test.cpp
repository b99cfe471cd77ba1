// A small message on an open session takes no buffer from the heap: a ping must not meet a slow
// malloc. OpenSSL 3.0 itself makes a few notes of 40 bytes for each record (its WPACKET), which the
// allocator serves from its thread's cache; anything larger would be a buffer. A test program of
// its own, because OpenSSL's allocator can be watched only from the very beginning.
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <array>
#include <cstdlib>

#include "tests/unit/node_tls_pair.hpp"

namespace {

constexpr std::size_t kNoteBytes = 40;
std::size_t notes = 0;
std::size_t buffers = 0;

void count(std::size_t size) {
  ++(size <= kNoteBytes ? notes : buffers);
}

void* count_allocation(std::size_t size, const char*, int) {
  count(size);
  return std::malloc(size);
}
void* count_reallocation(void* block, std::size_t size, const char*, int) {
  count(size);
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

TEST(NodeTlsAllocation, ASmallMessageTakesNoBuffer) {
  ASSERT_EQ(watches_openssl, 1);
  test::TlsPair pair;
  pair.exchange();
  ASSERT_EQ(pair.acceptor.state(), TlsSession::State::kOpen);
  ASSERT_GT(buffers, 50U) << "the handshake is seen to allocate";
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
  const std::size_t notes_before = notes;
  const std::size_t buffers_before = buffers;
  for (int i = 0; i < 1000; ++i) {
    send(pair.dialer, pair.acceptor);
    send(pair.acceptor, pair.dialer);
  }
  EXPECT_EQ(buffers - buffers_before, 0U);
  EXPECT_LE(notes - notes_before, std::size_t{4 * 2000});
  EXPECT_EQ(received, std::size_t{2002 * 40});
}

}  // namespace
}  // namespace halfopen::node
