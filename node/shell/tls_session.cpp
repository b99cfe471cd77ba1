#include "node/shell/tls_session.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#include "base/assert.hpp"

namespace halfopen::node {

// OpenSSL's view of the wire: one BIO over the two buffers of a session, so that nothing is copied
// on the way in and nothing is allocated in the steady state.
struct TlsWire {
  static TlsSession& session_of(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }

  static int read(BIO* bio, char* into, int size) {
    TlsSession& session = session_of(bio);
    BIO_clear_retry_flags(bio);
    if (session.incoming_.empty()) {
      if (session.incoming_ended_) return 0;
      BIO_set_retry_read(bio);
      return -1;
    }
    const std::size_t count =
        std::min(static_cast<std::size_t>(std::max(size, 0)), session.incoming_.size());
    const auto bytes = session.incoming_.first(count);
    session.incoming_ = session.incoming_.subspan(count);
    if (session.state_ == TlsSession::State::kHandshaking && !admit(session, bytes)) return -1;
    std::memcpy(into, bytes.data(), count);
    return static_cast<int>(count);
  }

  // OpenSSL reads record by record, so the protocol's bytes behind a handshake are not counted.
  static bool admit(TlsSession& session, std::span<const std::uint8_t> bytes) {
    const bool admitted = session.guard_.admit(bytes) || !session.guards_hello_;
    session.too_long_ = !admitted || session.guard_.bytes_seen() > TlsSession::kHandshakeBytesMax;
    return !session.too_long_;
  }

  static int write(BIO* bio, const char* from, int size) {
    TlsSession& session = session_of(bio);
    BIO_clear_retry_flags(bio);
    const auto count = static_cast<std::size_t>(std::max(size, 0));
    if (session.ciphertext().size() + count > TlsSession::kCiphertextBytesMax) {
      session.too_long_ = true;
      return -1;
    }
    // What was taken goes before more is allocated.
    if (session.outgoing_.size() + count > session.outgoing_.capacity()) {
      session.outgoing_.erase(
          session.outgoing_.begin(),
          session.outgoing_.begin() + static_cast<std::ptrdiff_t>(session.outgoing_taken_));
      session.outgoing_taken_ = 0;
    }
    session.outgoing_.insert(session.outgoing_.end(), from, from + count);
    return size;
  }

  static long control(BIO* bio, int command, long, void*) {
    const TlsSession& session = session_of(bio);
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return session.incoming_ended_ && session.incoming_.empty();
    return 0;
  }

  static BIO_METHOD* method() {
    static BIO_METHOD* const made = [] {
      BIO_METHOD* wire = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "wire");
      HALFOPEN_ASSERT(wire != nullptr);
      BIO_meth_set_read(wire, &TlsWire::read);
      BIO_meth_set_write(wire, &TlsWire::write);
      BIO_meth_set_ctrl(wire, &TlsWire::control);
      return wire;
    }();
    return made;
  }

  // Takes the place of OpenSSL's judgement of certificates. That the peer holds the private half
  // is proven after it, by the signature over the handshake.
  static int verify_key(X509_STORE_CTX* store, void*) {
    auto* ssl =
        static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    auto& session = *static_cast<TlsSession*>(SSL_get_app_data(ssl));
    const X509* certificate = X509_STORE_CTX_get0_cert(store);
    const EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
    std::array<std::uint8_t, PublicKey::kSize> raw{};
    std::size_t size = raw.size();
    if (key != nullptr && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 &&
        EVP_PKEY_get_raw_public_key(key, raw.data(), &size) == 1 && size == raw.size() &&
        session.accepted_->contains(PublicKey{raw})) {
      session.shown_key_ = PublicKey{raw};
      X509_STORE_CTX_set_error(store, X509_V_OK);
      return 1;
    }
    session.shown_wrong_key_ = true;
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
  }
};

namespace {

// With the length before it, as ALPN wants it (RFC 7301).
constexpr std::string_view kProtocolList = "\x0fhalfopen-vote/2";
constexpr std::string_view kProtocol = kProtocolList.substr(1);
static_assert(kProtocol.size() == 0x0f);

// All of RFC 8446 that are in use, the cheapest first: the keys have 128 bits of strength, too.
constexpr auto kCipherSuites =
    "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384";

// Our own certificate takes about 250 bytes, another implementation's may be a little longer.
constexpr long kCertificateBytesMax = 4096;
constexpr std::uint8_t kAlertRecord = 0x15;
constexpr std::uint8_t kHandshakeRecord = 0x16;
constexpr std::uint8_t kMajorVersion = 0x03;

struct FreeCertificate {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

const std::uint8_t* octets(std::string_view text) {
  return reinterpret_cast<const std::uint8_t*>(text.data());
}

// From 1970 to the end of the year 9999, as RFC 5280 says "no date" (4.1.2.5).
std::unique_ptr<X509, FreeCertificate> make_certificate(EVP_PKEY* key) {
  std::unique_ptr<X509, FreeCertificate> made{X509_new()};
  X509* certificate = made.get();
  HALFOPEN_ASSERT(certificate != nullptr);
  X509_NAME* name = X509_get_subject_name(certificate);
  const bool done =
      X509_set_version(certificate, X509_VERSION_3) == 1 &&
      ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1) == 1 &&
      ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "19700101000000Z") == 1 &&
      ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "99991231235959Z") == 1 &&
      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, octets("vote-node"), -1, -1, 0) == 1 &&
      X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
      X509_sign(certificate, key, nullptr) > 0;
  HALFOPEN_ASSERT(done);
  return made;
}

int select_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned int offered_size, void*) {
  const std::string_view list(reinterpret_cast<const char*>(offered), offered_size);
  for (std::size_t at = 0; at < list.size();) {
    const auto size = static_cast<std::uint8_t>(list[at]);
    if (list.substr(at + 1, size) == kProtocol) {
      *chosen = offered + at + 1;
      *chosen_size = size;
      return SSL_TLSEXT_ERR_OK;
    }
    at += std::size_t{1} + size;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

bool configure(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context, kCertificateBytesMax);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &TlsWire::verify_key, nullptr);
  SSL_CTX_set_alpn_select_cb(context, &select_protocol, nullptr);
  return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_num_tickets(context, 0) == 1 && SSL_CTX_set_max_early_data(context, 0) == 1 &&
         SSL_CTX_set_ciphersuites(context, kCipherSuites) == 1 &&
         SSL_CTX_set1_sigalgs_list(context, "ed25519") == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519") == 1 &&
         SSL_CTX_set_alpn_protos(context, octets(kProtocolList), kProtocolList.size()) == 0;
}

}  // namespace

std::string_view name_of(TlsFailure failure) {
  switch (failure) {
    case TlsFailure::kNotTls:
      return "not_tls";
    case TlsFailure::kOldTls:
      return "old_tls";
    case TlsFailure::kOtherProtocol:
      return "other_protocol";
    case TlsFailure::kNoKey:
      return "no_key";
    case TlsFailure::kWrongKey:
      return "wrong_key";
    case TlsFailure::kRefused:
      return "refused_by_peer";
    case TlsFailure::kCutOff:
      return "cut_off";
    case TlsFailure::kTooLong:
      return "too_long";
    case TlsFailure::kBroken:
      return "broken";
  }
  return "?";
}

std::string_view sentence_of(TlsFailure failure) {
  switch (failure) {
    case TlsFailure::kNotTls:
      return "the other side does not speak TLS: a node with `transport: plaintext`, or a stranger";
    case TlsFailure::kOldTls:
      return "the other side does not speak TLS 1.3";
    case TlsFailure::kOtherProtocol:
      return "the other side speaks TLS 1.3, but not halfopen-vote/2 inside it";
    case TlsFailure::kNoKey:
      return "the other side showed no key";
    case TlsFailure::kWrongKey:
      return "the other side showed a key that is not configured here for it";
    case TlsFailure::kRefused:
      return "the other side refused the handshake: our key may not be configured there";
    case TlsFailure::kCutOff:
      return "the stream ended in the middle";
    case TlsFailure::kTooLong:
      return "the other side sent a handshake of unreasonable size, or takes no answers";
    case TlsFailure::kBroken:
      return "the other side sent TLS records that are damaged or not due";
  }
  return "?";
}

bool HelloGuard::admit(std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes)
    take(byte);
  return !refused_;
}

void HelloGuard::take(std::uint8_t byte) {
  if (bytes_seen_ == 0) alien_ = byte != kHandshakeRecord && byte != kAlertRecord;
  if (bytes_seen_ == 1) alien_ = alien_ || byte != kMajorVersion;
  ++bytes_seen_;
  if (at_ < head_.size()) head_[at_] = byte;
  ++at_;
  if (at_ < kRecordHeaderBytes) return;
  const std::size_t body = std::size_t{head_[3]} << 8 | head_[4];
  if (head_[0] == kHandshakeRecord && !alien_) {
    const std::size_t message = std::size_t{head_[6]} << 16 | std::size_t{head_[7]} << 8 | head_[8];
    const bool complete = at_ == head_.size();
    refused_ = refused_ || body < kMessageHeaderBytes ||
               (complete && message != body - kMessageHeaderBytes);
  }
  if (at_ == kRecordHeaderBytes + body) at_ = 0;
}

TlsContext::TlsContext(const SigningKey& key)
    : context_(SSL_CTX_new(TLS_method()), [](SSL_CTX* context) { SSL_CTX_free(context); }) {
  HALFOPEN_ASSERT(context_ != nullptr && configure(context_.get()));
  const std::unique_ptr<EVP_PKEY, FreeKey> own{EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, key.seed().data(), key.seed().size())};
  HALFOPEN_ASSERT(own != nullptr);
  const auto certificate = make_certificate(own.get());
  const bool done = SSL_CTX_use_certificate(context_.get(), certificate.get()) == 1 &&
                    SSL_CTX_use_PrivateKey(context_.get(), own.get()) == 1;
  HALFOPEN_ASSERT(done);
}

void TlsSession::Free::operator()(SSL* session) const {
  SSL_free(session);
}

TlsSession::TlsSession(const TlsContext& context, TlsRole role, PinnedKeys accepted)
    : accepted_(std::move(accepted)),
      guards_hello_(role == TlsRole::kAcceptor),
      session_(SSL_new(context.context_.get())) {
  HALFOPEN_ASSERT(accepted_ != nullptr && session_ != nullptr);
  BIO* wire = BIO_new(TlsWire::method());
  HALFOPEN_ASSERT(wire != nullptr);
  BIO_set_data(wire, this);
  BIO_set_init(wire, 1);
  SSL_set_bio(session_.get(), wire, wire);
  SSL_set_app_data(session_.get(), this);
  if (role == TlsRole::kDialer) {
    SSL_set_connect_state(session_.get());
  } else {
    SSL_set_accept_state(session_.get());
  }
}

TlsSession::~TlsSession() = default;

void TlsSession::start() {
  handshake();
}

void TlsSession::feed(std::span<const std::uint8_t> wire) {
  HALFOPEN_ASSERT(incoming_.empty() || state_ == State::kFailed || state_ == State::kClosed);
  incoming_ = wire;
  handshake();
}

void TlsSession::feed_end() {
  incoming_ended_ = true;
  handshake();
  if (state_ == State::kHandshaking || state_ == State::kOpen) fail(TlsFailure::kCutOff);
}

void TlsSession::handshake() {
  if (state_ != State::kHandshaking) return;
  ERR_clear_error();
  const int result = SSL_do_handshake(session_.get());
  if (result == 1) return on_open();
  judge(result);
}

void TlsSession::on_open() {
  const unsigned char* protocol = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(session_.get(), &protocol, &size);
  if (std::string_view(reinterpret_cast<const char*>(protocol), size) != kProtocol) {
    return fail(TlsFailure::kOtherProtocol);
  }
  if (!shown_key_) return fail(TlsFailure::kNoKey);
  peer_key_ = shown_key_;
  state_ = State::kOpen;
}

std::size_t TlsSession::read(std::span<std::uint8_t> into) {
  std::size_t have = 0;
  while (state_ == State::kOpen && have < into.size()) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(session_.get(), into.data() + have, into.size() - have, &count);
    if (result != 1) {
      judge(result);
      break;
    }
    have += count;
  }
  return have;
}

bool TlsSession::write(std::span<const std::uint8_t> plaintext) {
  if (state_ != State::kOpen) return false;
  // A record adds 22 bytes to what it carries.
  constexpr std::size_t kRecordExtraBytes = 64;
  const std::size_t records = plaintext.size() / kRecordBytes + 1;
  if (ciphertext().size() + plaintext.size() + records * kRecordExtraBytes >
      kCiphertextBytesMax - kHandshakeBytesMax) {
    return false;
  }
  if (plaintext.empty()) return true;
  ERR_clear_error();
  std::size_t written = 0;
  const int result = SSL_write_ex(session_.get(), plaintext.data(), plaintext.size(), &written);
  if (result == 1) return true;
  judge(result);
  return false;
}

void TlsSession::close() {
  if (state_ == State::kOpen) {
    ERR_clear_error();
    (void)SSL_shutdown(session_.get());
  }
  if (state_ != State::kFailed) state_ = State::kClosed;
}

std::span<const std::uint8_t> TlsSession::ciphertext() const {
  return std::span(outgoing_).subspan(outgoing_taken_);
}

void TlsSession::take_ciphertext(std::size_t count) {
  HALFOPEN_ASSERT(count <= ciphertext().size());
  outgoing_taken_ += count;
  if (outgoing_taken_ < outgoing_.size()) return;
  outgoing_.clear();
  outgoing_taken_ = 0;
}

void TlsSession::fail(TlsFailure failure) {
  state_ = State::kFailed;
  failure_ = failure;
}

// What OpenSSL's refusal to go on means.
void TlsSession::judge(int result) {
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return;
    case SSL_ERROR_ZERO_RETURN:
      if (state_ == State::kHandshaking) return fail(TlsFailure::kCutOff);
      state_ = State::kClosed;
      return;
    default:
      return fail(failure_of_error());
  }
}

TlsFailure TlsSession::failure_of_error() const {
  if (state_ == State::kHandshaking && guard_.is_alien()) return TlsFailure::kNotTls;
  if (too_long_) return TlsFailure::kTooLong;
  if (shown_wrong_key_) return TlsFailure::kWrongKey;
  const int reason = ERR_GET_REASON(ERR_peek_error());
  switch (reason) {
    case SSL_R_UNEXPECTED_EOF_WHILE_READING:
      return TlsFailure::kCutOff;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
      return TlsFailure::kOldTls;
    case SSL_R_NO_APPLICATION_PROTOCOL:
    case SSL_AD_REASON_OFFSET + SSL_AD_NO_APPLICATION_PROTOCOL:
      return TlsFailure::kOtherProtocol;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return TlsFailure::kNoKey;
    case SSL_R_EXCESSIVE_MESSAGE_SIZE:
      return TlsFailure::kTooLong;
    default:
      return reason > SSL_AD_REASON_OFFSET ? TlsFailure::kRefused : TlsFailure::kBroken;
  }
}

}  // namespace halfopen::node
