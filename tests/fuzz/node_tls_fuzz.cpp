// What a stranger, or a box in between, can send to the accepting side of a TLS session.
//
// The first byte chooses. Even: the rest goes to the acceptor as it is. Odd: a real handshake with
// the right key runs, and the rest says which bytes of the dialer's side are changed on the way,
// three bytes a change (where: 2, how: 1). Whatever happens, the acceptor must not open unless no
// byte that TLS protects was changed, must stay within its bounds, and must give no text but what
// the dialer wrote.
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "node/shell/tls_session.hpp"

namespace {

using namespace halfopen::node;  // NOLINT: a test
using Bytes = std::vector<std::uint8_t>;

// OpenSSL draws its randomness from here, so that an input does the same at each run.
std::uint64_t random_state = 1;

int draw(unsigned char* into, int size) {
  for (int i = 0; i < size; ++i) {
    random_state = random_state * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    into[i] = static_cast<unsigned char>(random_state >> 56);
  }
  return 1;
}

void make_deterministic() {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  static const RAND_METHOD kMethod{nullptr, &draw, nullptr, nullptr, &draw, nullptr};
  RAND_set_rand_method(&kMethod);
#pragma GCC diagnostic pop
}

SigningKey key_of(std::uint8_t number) {
  SigningKey::Seed seed{};
  seed.fill(number);
  return SigningKey(seed);
}

PinnedKeys pin(const SigningKey& key) {
  return std::make_shared<const std::set<PublicKey>>(std::set{key.public_key()});
}

struct Parties {
  SigningKey dialer_key = key_of(1);
  SigningKey acceptor_key = key_of(2);
  TlsContext dialer{dialer_key};
  TlsContext acceptor{acceptor_key};
  PinnedKeys dialer_pin = pin(dialer_key);
  PinnedKeys acceptor_pin = pin(acceptor_key);
};

const Parties& parties() {
  static const Parties made;
  return made;
}

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const TlsSession& session) {
  require((session.state() == TlsSession::State::kFailed) == session.failure().has_value());
  require(session.ciphertext().size() <= TlsSession::kCiphertextBytesMax);
  require(session.state() != TlsSession::State::kOpen || session.peer_key().has_value());
}

std::string read_all(TlsSession& session) {
  std::array<std::uint8_t, 512> buffer{};
  std::string text;
  while (const std::size_t count = session.read(buffer))
    text.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
  return text;
}

Bytes take_all(TlsSession& session) {
  const auto waiting = session.ciphertext();
  Bytes taken(waiting.begin(), waiting.end());
  session.take_ciphertext(taken.size());
  return taken;
}

void feed_raw(std::span<const std::uint8_t> bytes) {
  TlsSession session(parties().acceptor, TlsRole::kAcceptor, parties().dialer_pin);
  constexpr std::size_t kPiece = 37;
  for (std::size_t at = 0; at < bytes.size(); at += kPiece) {
    session.feed(bytes.subspan(at, std::min(kPiece, bytes.size() - at)));
    require(read_all(session).empty());
    check(session);
  }
  session.feed_end();
  // Nobody guesses the private key of a peer.
  require(session.state() == TlsSession::State::kFailed);
}

void feed_changed(std::span<const std::uint8_t> changes) {
  TlsSession dialer(parties().dialer, TlsRole::kDialer, parties().acceptor_pin);
  TlsSession acceptor(parties().acceptor, TlsRole::kAcceptor, parties().dialer_pin);
  const std::string text = "a vote that nobody may change";
  std::size_t sent = 0;
  std::string got;
  bool wrote = false;
  dialer.start();
  for (int turn = 0; turn < 4; ++turn) {
    if (!wrote) {
      wrote = dialer.write({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
    }
    Bytes wire = take_all(dialer);
    for (std::size_t at = 0; at + 2 < changes.size(); at += 3) {
      const std::size_t where = std::size_t{changes[at]} << 8 | changes[at + 1];
      if (where >= sent && where - sent < wire.size()) wire[where - sent] ^= changes[at + 2];
    }
    sent += wire.size();
    acceptor.feed(wire);
    got += read_all(acceptor);
    check(acceptor);
    const Bytes back = take_all(acceptor);
    dialer.feed(back);
    require(read_all(dialer).empty());
    check(dialer);
  }
  require(text.starts_with(got));
  require(!acceptor.peer_key() || *acceptor.peer_key() == parties().dialer_key.public_key());
  require(!changes.empty() || got == text);
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  make_deterministic();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  random_state = 1;
  const auto rest = std::span(data, size).subspan(1);
  if (data[0] % 2 == 0) {
    feed_raw(rest);
  } else {
    feed_changed(rest);
  }
  return 0;
}
