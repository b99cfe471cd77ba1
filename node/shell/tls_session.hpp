// TLS 1.3 for one connection, without a socket: bytes of the wire in and out on one side, bytes of
// the protocol on the other (OpenSSL, kept behind tls_session.cpp).
//
// A peer is a key, and nothing else: each side shows a self-signed certificate whose only
// meaningful part is the Ed25519 key, and accepts exactly the keys that it was given. No authority,
// date, name or extension counts, so nothing can expire. There is no resumption, no ticket and no
// early data: each connection proves both keys anew.
//
// Invariants: no byte of the protocol goes in or out before the peer's key is proven; after a
// failure nothing more is taken or given, but the alert for the other side.
//
//   kHandshaking --> kOpen --> kClosed     the peer said that it ends, or we did
//         |            |
//         +------------+--> kFailed        failure() says why
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "node/core/key.hpp"

extern "C" {
struct ssl_ctx_st;
struct ssl_st;
}

namespace halfopen::node {

enum class TlsFailure : std::uint8_t {
  kNotTls,         // the first bytes are no TLS at all
  kOldTls,         // TLS, but not 1.3
  kOtherProtocol,  // TLS 1.3 for another protocol than halfopen-vote/2
  kNoKey,          // the peer showed no certificate
  kWrongKey,       // it showed one whose key is not expected here
  kRefused,        // it refuses us: our key is not what it expects, or another alert
  kCutOff,         // the stream ended without a goodbye
  kTooLong,        // a handshake or an answer of unreasonable size
  kBroken,         // anything else: damaged or forged records
};

// As in a metric's label: not_tls, wrong_key, ...
[[nodiscard]] std::string_view name_of(TlsFailure failure);
// For a person.
[[nodiscard]] std::string_view sentence_of(TlsFailure failure);

enum class TlsRole : std::uint8_t { kDialer, kAcceptor };

// Watches the records that come before the peer's key is proven, because OpenSSL would set aside
// 128 KiB for whoever claims to send a ClientHello of that length. Any hello fits one record, so
// here it must.
class HelloGuard {
 public:
  // False when the bytes cannot belong to a hello that is taken; then for good.
  [[nodiscard]] bool admit(std::span<const std::uint8_t> bytes);
  [[nodiscard]] std::size_t bytes_seen() const { return bytes_seen_; }
  // The first two bytes, as far as they came, are not those of TLS.
  [[nodiscard]] bool is_alien() const { return alien_; }

 private:
  static constexpr std::size_t kRecordHeaderBytes = 5;
  static constexpr std::size_t kMessageHeaderBytes = 4;

  void take(std::uint8_t byte);

  std::array<std::uint8_t, kRecordHeaderBytes + kMessageHeaderBytes> head_{};  // of a record
  std::size_t at_ = 0;                                                         // in this record
  std::size_t bytes_seen_ = 0;
  bool alien_ = false;
  bool refused_ = false;
};

// The keys that a session accepts, shared by many: of all peers, or of the one that is dialled.
using PinnedKeys = std::shared_ptr<const std::set<PublicKey>>;

// What all sessions of a node share: its key, its certificate, the settings.
class TlsContext {
 public:
  explicit TlsContext(const SigningKey& key);

 private:
  friend class TlsSession;
  std::shared_ptr<ssl_ctx_st> context_;
};

class TlsSession {
 public:
  enum class State : std::uint8_t { kHandshaking, kOpen, kClosed, kFailed };

  // A handshake, and what OpenSSL may want to say in answer to records, fit by far.
  static constexpr std::size_t kHandshakeBytesMax = std::size_t{16} * 1024;
  static constexpr std::size_t kRecordBytes = std::size_t{16} * 1024;
  // The ciphertext that may wait to be taken; write() leaves room for what OpenSSL has to say.
  static constexpr std::size_t kCiphertextBytesMax = std::size_t{128} * 1024;

  TlsSession(const TlsContext& context, TlsRole role, PinnedKeys accepted);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  [[nodiscard]] State state() const { return state_; }
  // Set exactly in kFailed.
  [[nodiscard]] std::optional<TlsFailure> failure() const { return failure_; }
  // The key that the peer has proven to hold; nothing before kOpen.
  [[nodiscard]] const std::optional<PublicKey>& peer_key() const { return peer_key_; }

  // The dialer's first flight; the acceptor has nothing to say yet.
  void start();
  // Bytes off the wire. `wire` must stay until read() has answered 0.
  void feed(std::span<const std::uint8_t> wire);
  // The stream has ended: without a goodbye before it, that is a failure.
  void feed_end();
  // Decrypts into `into`, as much as there is; 0: all of what was fed is used up.
  [[nodiscard]] std::size_t read(std::span<std::uint8_t> into);

  // Encrypts all of it, or nothing: false while not open, or while too much ciphertext waits.
  [[nodiscard]] bool write(std::span<const std::uint8_t> plaintext);
  // Says goodbye to the peer; afterwards nothing can be written.
  void close();

  // What is to be sent, after any of the calls above, also after a failure (the alert).
  [[nodiscard]] std::span<const std::uint8_t> ciphertext() const;
  void take_ciphertext(std::size_t count);

 private:
  friend struct TlsWire;
  struct Free {
    void operator()(ssl_st* session) const;
  };

  void handshake();
  void on_open();
  void fail(TlsFailure failure);
  void judge(int result);
  [[nodiscard]] TlsFailure failure_of_error() const;

  State state_ = State::kHandshaking;
  std::optional<TlsFailure> failure_;
  std::optional<PublicKey> peer_key_;
  std::optional<PublicKey> shown_key_;  // accepted, but not yet proven
  PinnedKeys accepted_;
  // The wire, as OpenSSL sees it through its BIO.
  std::span<const std::uint8_t> incoming_;
  bool incoming_ended_ = false;
  HelloGuard guard_;
  bool guards_hello_;
  bool shown_wrong_key_ = false;
  std::vector<std::uint8_t> outgoing_;
  std::size_t outgoing_taken_ = 0;
  bool too_long_ = false;
  std::unique_ptr<ssl_st, Free> session_;
};

}  // namespace halfopen::node
