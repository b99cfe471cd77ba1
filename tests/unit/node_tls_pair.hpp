// Two TLS sessions back to back, over a wire that a test may cut, damage or feed byte by byte.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/shell/tls_session.hpp"

namespace halfopen::node::test {

using Bytes = std::vector<std::uint8_t>;

inline SigningKey key_of(std::uint8_t number) {
  SigningKey::Seed seed{};
  seed.fill(number);
  return SigningKey(seed);
}

inline PinnedKeys pins(std::initializer_list<SigningKey> keys) {
  std::set<PublicKey> pinned;
  for (const SigningKey& key : keys)
    pinned.insert(key.public_key());
  return std::make_shared<const std::set<PublicKey>>(std::move(pinned));
}

inline std::span<const std::uint8_t> octets(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

// What has come, as text.
inline std::string read_all(TlsSession& session) {
  std::string text;
  Bytes buffer(4096);
  while (const std::size_t count = session.read(buffer))
    text.append(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
  return text;
}

inline Bytes take_all(TlsSession& session) {
  const auto waiting = session.ciphertext();
  Bytes taken(waiting.begin(), waiting.end());
  session.take_ciphertext(taken.size());
  return taken;
}

struct TlsPair {
  SigningKey dialer_key = key_of(1);
  SigningKey acceptor_key = key_of(2);
  TlsSession dialer;
  TlsSession acceptor;
  std::string dialer_got;
  std::string acceptor_got;

  TlsPair() : TlsPair(pins({key_of(2)}), pins({key_of(1), key_of(3)})) {}
  TlsPair(PinnedKeys dialer_accepts, PinnedKeys acceptor_accepts)
      : dialer(TlsContext(dialer_key), TlsRole::kDialer, std::move(dialer_accepts)),
        acceptor(TlsContext(acceptor_key), TlsRole::kAcceptor, std::move(acceptor_accepts)) {
    dialer.start();
  }

  // Carries what each has to say to the other until both are silent.
  void exchange(std::size_t piece = 65'536) {
    for (bool moved = true; moved;) {
      const Bytes there = take_all(dialer);
      deliver(there, acceptor, acceptor_got, piece);
      const Bytes back = take_all(acceptor);
      deliver(back, dialer, dialer_got, piece);
      moved = !there.empty() || !back.empty();
    }
  }

  static void deliver(const Bytes& bytes, TlsSession& to, std::string& got, std::size_t piece) {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
      to.feed(std::span(bytes).subspan(at, std::min(piece, bytes.size() - at)));
      got += read_all(to);
    }
  }
};

}  // namespace halfopen::node::test
