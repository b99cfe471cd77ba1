// Two of our sessions with each other.
#include "node/shell/tls_session.hpp"

#include <gtest/gtest.h>

#include "tests/unit/node_tls_pair.hpp"

namespace halfopen::node {
namespace {

using test::Bytes;
using test::key_of;
using test::octets;
using test::pins;
using test::read_all;
using test::take_all;
using test::TlsPair;
using State = TlsSession::State;

TEST(NodeTls, BothSidesProveTheirKeys) {
  TlsPair pair;
  EXPECT_FALSE(pair.acceptor.peer_key().has_value());
  pair.exchange();
  EXPECT_EQ(pair.dialer.state(), State::kOpen);
  EXPECT_EQ(pair.acceptor.state(), State::kOpen);
  EXPECT_EQ(pair.dialer.peer_key(), pair.acceptor_key.public_key());
  EXPECT_EQ(pair.acceptor.peer_key(), pair.dialer_key.public_key());
}

TEST(NodeTls, TextTravelsBothWaysAndNotInTheClear) {
  TlsPair pair;
  pair.exchange();
  ASSERT_TRUE(pair.dialer.write(octets("a vote")));
  const auto wire = pair.dialer.ciphertext();
  const std::string seen(wire.begin(), wire.end());
  EXPECT_EQ(seen.find("a vote"), std::string::npos);
  ASSERT_TRUE(pair.acceptor.write(octets("its ACK")));
  pair.exchange();
  EXPECT_EQ(pair.acceptor_got, "a vote");
  EXPECT_EQ(pair.dialer_got, "its ACK");
}

TEST(NodeTls, AnyCutOfTheWireGivesTheSame) {
  const std::string text(40'000, 'v');
  for (const std::size_t piece : {1U, 2U, 5U, 7U, 1000U}) {
    TlsPair pair;
    pair.exchange(piece);
    ASSERT_EQ(pair.acceptor.state(), State::kOpen) << piece;
    ASSERT_TRUE(pair.dialer.write(octets(text)));
    pair.exchange(piece);
    EXPECT_EQ(pair.acceptor_got, text) << piece;
  }
}

TEST(NodeTls, NothingIsWrittenBeforeTheKeyIsProven) {
  TlsPair pair;
  EXPECT_FALSE(pair.dialer.write(octets("early")));
  EXPECT_FALSE(pair.acceptor.write(octets("early")));
  pair.exchange();
  EXPECT_EQ(pair.acceptor_got + pair.dialer_got, "");
}

TEST(NodeTls, WhatComesRightBehindTheHandshakeIsRead) {
  TlsPair pair;
  const Bytes hello = take_all(pair.dialer);
  pair.acceptor.feed(hello);
  EXPECT_EQ(read_all(pair.acceptor), "");
  const Bytes answer = take_all(pair.acceptor);
  pair.dialer.feed(answer);
  EXPECT_EQ(read_all(pair.dialer), "");
  ASSERT_EQ(pair.dialer.state(), State::kOpen);
  const std::string text(60'000, 'h');  // more than a handshake may take
  ASSERT_TRUE(pair.dialer.write(octets(text)));
  const Bytes rest = take_all(pair.dialer);  // Certificate, Finished and the text at once
  pair.acceptor.feed(rest);
  EXPECT_EQ(read_all(pair.acceptor), text);
}

TEST(NodeTls, TheDialerTakesNoOtherKeyThanTheOneItDials) {
  TlsPair pair(pins({key_of(3)}), pins({key_of(1)}));
  pair.exchange();
  EXPECT_EQ(pair.dialer.state(), State::kFailed);
  EXPECT_EQ(pair.dialer.failure(), TlsFailure::kWrongKey);
  EXPECT_FALSE(pair.dialer.peer_key().has_value());
  EXPECT_EQ(pair.acceptor.failure(), TlsFailure::kRefused) << "the alert says so";
  EXPECT_FALSE(pair.acceptor.peer_key().has_value());
}

TEST(NodeTls, TheAcceptorTakesOnlyConfiguredKeys) {
  TlsPair pair(pins({key_of(2)}), pins({key_of(3)}));
  pair.exchange();
  EXPECT_EQ(pair.acceptor.failure(), TlsFailure::kWrongKey);
  EXPECT_FALSE(pair.acceptor.peer_key().has_value());
  // To the dialer the handshake was over before the acceptor judged its key.
  EXPECT_EQ(pair.dialer.failure(), TlsFailure::kRefused);
}

TEST(NodeTls, NobodyIsAcceptedWithoutPins) {
  TlsPair pair(pins({key_of(2)}), pins({}));
  pair.exchange();
  EXPECT_EQ(pair.acceptor.failure(), TlsFailure::kWrongKey);
}

TEST(NodeTls, AGoodbyeClosesAndAnEndWithoutOneFails) {
  TlsPair pair;
  pair.exchange();
  ASSERT_TRUE(pair.dialer.write(octets("last words")));
  pair.dialer.close();
  EXPECT_FALSE(pair.dialer.write(octets("more")));
  pair.exchange();
  EXPECT_EQ(pair.acceptor_got, "last words");
  EXPECT_EQ(pair.acceptor.state(), State::kClosed);
  pair.acceptor.feed_end();
  EXPECT_EQ(pair.acceptor.state(), State::kClosed);

  TlsPair cut;
  cut.exchange();
  cut.acceptor.feed_end();
  EXPECT_EQ(cut.acceptor.failure(), TlsFailure::kCutOff);
}

TEST(NodeTls, AHandshakeThatIsCutOffFailsAtEveryByte) {
  const std::size_t whole = [] {
    TlsPair pair;
    return pair.dialer.ciphertext().size();
  }();
  for (std::size_t size = 0; size < whole; ++size) {
    TlsPair pair;
    const Bytes hello = take_all(pair.dialer);
    pair.acceptor.feed(std::span(hello).first(size));
    ASSERT_EQ(pair.acceptor.state(), State::kHandshaking) << size;
    pair.acceptor.feed_end();
    ASSERT_EQ(pair.acceptor.failure(), TlsFailure::kCutOff) << size;
  }
}

TEST(NodeTls, ADamagedRecordFailsAndNothingOfItIsRead) {
  TlsPair pair;
  pair.exchange();
  ASSERT_TRUE(pair.dialer.write(octets("a vote")));
  Bytes wire = take_all(pair.dialer);
  wire.back() ^= 1;
  pair.acceptor.feed(wire);
  EXPECT_EQ(read_all(pair.acceptor), "");
  EXPECT_EQ(pair.acceptor.failure(), TlsFailure::kBroken);
  EXPECT_FALSE(pair.acceptor.write(octets("an ACK")));
  // Sticky: what comes behind is not looked at.
  const Bytes more(100, 0x17);
  pair.acceptor.feed(more);
  EXPECT_EQ(read_all(pair.acceptor), "");
  EXPECT_EQ(pair.acceptor.failure(), TlsFailure::kBroken);
}

TEST(NodeTls, AReplayedRecordFails) {
  TlsPair pair;
  pair.exchange();
  ASSERT_TRUE(pair.dialer.write(octets("a vote")));
  const Bytes wire = take_all(pair.dialer);
  pair.acceptor.feed(wire);
  EXPECT_EQ(read_all(pair.acceptor), "a vote");
  pair.acceptor.feed(wire);
  EXPECT_EQ(read_all(pair.acceptor), "");
  EXPECT_EQ(pair.acceptor.failure(), TlsFailure::kBroken);
}

TEST(NodeTls, CiphertextThatNobodyTakesIsBounded) {
  TlsPair pair;
  pair.exchange();
  const std::string text(10'000, 'x');
  int taken = 0;
  while (taken < 1000 && pair.dialer.write(octets(text)))
    ++taken;
  EXPECT_EQ(taken, 11);
  EXPECT_LE(pair.dialer.ciphertext().size(), TlsSession::kCiphertextBytesMax);
  EXPECT_EQ(pair.dialer.state(), State::kOpen) << "refused, and nothing is lost";
  pair.exchange();
  EXPECT_EQ(pair.acceptor_got.size(), 110'000U);
  EXPECT_TRUE(pair.dialer.write(octets(text)));
}

TEST(NodeTls, CiphertextIsTakenInPieces) {
  TlsPair pair;
  pair.exchange();
  Bytes wire;
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(pair.dialer.write(octets("0123456789")));
    const auto waiting = pair.dialer.ciphertext();
    const std::size_t some = waiting.size() / 2;
    wire.insert(wire.end(), waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(some));
    pair.dialer.take_ciphertext(some);
  }
  const Bytes rest = take_all(pair.dialer);
  wire.insert(wire.end(), rest.begin(), rest.end());
  pair.acceptor.feed(wire);
  EXPECT_EQ(read_all(pair.acceptor).size(), 2000U);
}

TEST(NodeTls, EveryFailureHasANameAndASentence) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(TlsFailure::kBroken); ++i) {
    names.insert(name_of(static_cast<TlsFailure>(i)));
    EXPECT_GT(sentence_of(static_cast<TlsFailure>(i)).size(), 10U);
  }
  EXPECT_EQ(names.size(), 9U);
  EXPECT_FALSE(names.contains("?"));
}

}  // namespace
}  // namespace halfopen::node
