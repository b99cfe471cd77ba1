// Sessions that meet something else: OpenSSL's own client and server in other settings, and bytes
// that are no TLS.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "node/shell/tls_session.hpp"
#include "tests/unit/node_tls_pair.hpp"

namespace halfopen::node {
namespace {

using test::Bytes;
using test::key_of;
using test::octets;
using test::pins;
using test::read_all;
using test::take_all;
using State = TlsSession::State;

constexpr std::string_view kHttp = "GET /metrics HTTP/1.1\r\nHost: n1\r\n\r\n";
constexpr std::string_view kOurProtocol = "\x0fhalfopen-vote/2";

// OpenSSL as a stranger has it.
class Stranger {
 public:
  explicit Stranger(bool dials, int version, std::string_view protocols = kOurProtocol)
      : context_(SSL_CTX_new(TLS_method()), &SSL_CTX_free) {
    SSL_CTX_set_max_proto_version(context_.get(), version);
    SSL_CTX_set_alpn_protos(context_.get(), octets(protocols).data(),
                            static_cast<unsigned>(protocols.size()));
    session_ = {SSL_new(context_.get()), &SSL_free};
    in_ = BIO_new(BIO_s_mem());
    out_ = BIO_new(BIO_s_mem());
    SSL_set_bio(session_.get(), in_, out_);
    if (dials) {
      SSL_set_connect_state(session_.get());
    } else {
      SSL_set_accept_state(session_.get());
    }
  }
  // Long expired, and without a name.
  void use_key(const SigningKey& key) {
    EVP_PKEY* own = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, key.seed().data(),
                                                 key.seed().size());
    X509* certificate = X509_new();
    ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), "20010101000000Z");
    ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), "20020101000000Z");
    X509_set_pubkey(certificate, own);
    X509_sign(certificate, own, nullptr);
    SSL_use_certificate(session_.get(), certificate);
    SSL_use_PrivateKey(session_.get(), own);
    X509_free(certificate);
    EVP_PKEY_free(own);
  }

  void talk_to(TlsSession& other) {
    for (bool moved = true; moved;) {
      const Bytes back = take_all(other);
      if (!back.empty()) BIO_write(in_, back.data(), static_cast<int>(back.size()));
      SSL_do_handshake(session_.get());
      char drained = 0;
      (void)SSL_read(session_.get(), &drained, 1);
      Bytes bytes(BIO_ctrl_pending(out_));
      if (!bytes.empty()) BIO_read(out_, bytes.data(), static_cast<int>(bytes.size()));
      other.feed(bytes);
      (void)read_all(other);
      moved = !bytes.empty() || !back.empty();
    }
  }

 private:
  std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_;
  std::unique_ptr<SSL, void (*)(SSL*)> session_{nullptr, &SSL_free};
  BIO* in_ = nullptr;
  BIO* out_ = nullptr;
};

TlsSession acceptor() {
  return TlsSession(TlsContext(key_of(2)), TlsRole::kAcceptor, pins({key_of(1)}));
}

std::optional<TlsFailure> failure_after(std::span<const std::uint8_t> bytes) {
  TlsSession session = acceptor();
  session.feed(bytes);
  (void)read_all(session);
  return session.failure();
}

TEST(NodeTlsStranger, AClientWithoutAKeyIsRefused) {
  TlsSession session = acceptor();
  Stranger stranger(true, TLS1_3_VERSION);
  stranger.talk_to(session);
  EXPECT_EQ(session.failure(), TlsFailure::kNoKey);
}

TEST(NodeTlsStranger, AClientOfTls12IsRefused) {
  TlsSession session = acceptor();
  Stranger stranger(true, TLS1_2_VERSION);
  stranger.talk_to(session);
  EXPECT_EQ(session.failure(), TlsFailure::kOldTls);
}

TEST(NodeTlsStranger, AServerOfTls12IsRefused) {
  TlsSession session(TlsContext(key_of(2)), TlsRole::kDialer, pins({key_of(1)}));
  Stranger stranger(false, TLS1_2_VERSION);
  session.start();
  stranger.talk_to(session);
  EXPECT_EQ(session.failure(), TlsFailure::kOldTls);
}

TEST(NodeTlsStranger, AnotherProtocolInsideTlsIsRefused) {
  TlsSession session = acceptor();
  Stranger stranger(true, TLS1_3_VERSION, "\x02h2");
  stranger.talk_to(session);
  EXPECT_EQ(session.failure(), TlsFailure::kOtherProtocol);
}

TEST(NodeTlsStranger, TlsWithoutAProtocolIsRefused) {
  TlsSession session = acceptor();
  Stranger stranger(true, TLS1_3_VERSION, "");
  stranger.use_key(key_of(1));
  stranger.talk_to(session);
  EXPECT_EQ(session.failure(), TlsFailure::kOtherProtocol);
  EXPECT_FALSE(session.peer_key().has_value());
}

// As another implementation would: its own certificate, nothing of ours but the key.
TEST(NodeTlsStranger, AnyCertificateWithTheRightKeyIsTaken) {
  TlsSession session = acceptor();
  Stranger stranger(true, TLS1_3_VERSION);
  stranger.use_key(key_of(1));
  stranger.talk_to(session);
  EXPECT_EQ(session.state(), State::kOpen);
  EXPECT_EQ(session.peer_key(), key_of(1).public_key());
}

TEST(NodeTlsStranger, AnotherKeyInTheCertificateIsRefused) {
  TlsSession session = acceptor();
  Stranger stranger(true, TLS1_3_VERSION);
  stranger.use_key(key_of(5));
  stranger.talk_to(session);
  EXPECT_EQ(session.failure(), TlsFailure::kWrongKey);
}

TEST(NodeTlsStranger, WhatIsNoTlsIsSaidToBeNone) {
  EXPECT_EQ(failure_after(octets(kHttp)), TlsFailure::kNotTls);
  EXPECT_EQ(failure_after(octets("SSH-2.0-OpenSSH_9.2\r\n")), TlsFailure::kNotTls);
  EXPECT_EQ(failure_after(Bytes(64, 0)), TlsFailure::kNotTls);
  EXPECT_EQ(failure_after(Bytes(64, 0xff)), TlsFailure::kNotTls);
  // A vote-node with `transport: plaintext`: the length of its hello, then protobuf.
  EXPECT_EQ(failure_after(Bytes{0, 0, 0, 13, 0x0a, 0x0b, 0x08, 0x02, 0x12, 0x03}),
            TlsFailure::kNotTls);
}

TEST(NodeTlsStranger, RecordsThatAreNotDueAreBroken) {
  EXPECT_EQ(failure_after(Bytes{0x16, 3, 1, 0, 5, 2, 0, 0, 1, 0}), TlsFailure::kBroken);
  EXPECT_EQ(failure_after(Bytes{0x15, 3, 1, 0, 2, 2, 80}), TlsFailure::kBroken);
}

// Nobody needs more than one record for a hello, and OpenSSL would allocate what is announced.
TEST(NodeTlsStranger, AnAnnouncedGiantIsRefusedAtItsFirstBytes) {
  EXPECT_EQ(failure_after(Bytes{0x16, 3, 1, 0x40, 0, 1, 1, 0xff, 0xfc}), TlsFailure::kTooLong);
  EXPECT_EQ(failure_after(Bytes{0x16, 3, 1, 0, 3, 1, 0, 0}), TlsFailure::kTooLong);
  EXPECT_EQ(failure_after(Bytes{0x16, 3, 1, 0xff, 0xff, 1, 0, 1, 1}), TlsFailure::kBroken);
}

// A server may send a hello in several records, but not for ever.
TEST(NodeTlsStranger, ADialerTakesALongAnswerUpToABound) {
  TlsSession session(TlsContext(key_of(1)), TlsRole::kDialer, pins({key_of(2)}));
  session.start();
  Bytes wire{0x16, 3, 3, 0x40, 0, 2, 0, 0x4a, 0x38};  // one record of a ServerHello of 19,000
  wire.resize(5 + 0x4000);
  session.feed(std::span(wire).first(TlsSession::kHandshakeBytesMax));
  EXPECT_EQ(session.state(), State::kHandshaking);
  session.feed(std::span(wire).subspan(TlsSession::kHandshakeBytesMax));
  EXPECT_EQ(session.failure(), TlsFailure::kTooLong);
}

TEST(NodeTlsStranger, RecordsThatMeanNothingDoNotGoOnForEver) {
  TlsSession dialer(TlsContext(key_of(1)), TlsRole::kDialer, pins({key_of(2)}));
  dialer.start();
  Bytes wire = take_all(dialer);
  TlsSession session = acceptor();
  session.feed(wire);
  ASSERT_EQ(session.state(), State::kHandshaking);
  // Records that middleboxes like to see are ignored by TLS 1.3, but not for ever.
  const Bytes ignored{0x14, 3, 3, 0, 1, 1};
  std::size_t fed = 0;
  for (; session.state() == State::kHandshaking && fed < 20'000; fed += ignored.size()) {
    session.feed(ignored);
  }
  EXPECT_EQ(session.state(), State::kFailed);
  EXPECT_LE(fed, TlsSession::kHandshakeBytesMax);
}

// Whoever sits in between cannot change a byte of the hello: both sides sign what they have seen.
// Only the minor version of its record is ignored, as RFC 8446 wants it (5.1).
TEST(NodeTlsStranger, AHandshakeWithAnyOneChangedByteDoesNotOpen) {
  const std::size_t size = test::TlsPair().dialer.ciphertext().size();
  for (std::size_t at = 0; at <= size; ++at) {
    if (at == 2) continue;
    test::TlsPair pair;
    Bytes hello = take_all(pair.dialer);
    if (at < size) hello[at] ^= 0x55;
    test::TlsPair::deliver(hello, pair.acceptor, pair.acceptor_got, hello.size());
    pair.exchange();
    ASSERT_EQ(pair.acceptor.state() == State::kOpen, at == size) << at;
    ASSERT_EQ(pair.acceptor.peer_key().has_value(), at == size) << at;
  }
}

}  // namespace
}  // namespace halfopen::node
