// What a node does with a vote of its own that a peer refuses.
#include <gtest/gtest.h>

#include <variant>

#include "node/core/limits.hpp"
#include "node/core/node.hpp"

namespace halfopen::node::test {
namespace {

const SigningKey kOwnKey{SigningKey::Seed{1}};
const SigningKey kPeerKey{SigningKey::Seed{2}};

// A node that has cast one vote and sent it to its only peer.
class NodeReject : public ::testing::Test {
 protected:
  NodeReject() : node_(settings()) {
    node_.start(now_);
    const ConnectionId connection = node_.new_connection_id();
    connection_ = connection;
    node_.handle(ConnectionAccepted{connection}, now_);
    hear(Hello{kProtocolVersion, "lab", "n2"});
    node_.handle(CastRequested{CastRequest{}, 1, false}, now_);
    answer_stores();
    if (!vote_) ADD_FAILURE() << "the vote was not cast";
  }

  static NodeSettings settings() {
    NodeSettings settings;
    settings.name = "n1";
    settings.key = kOwnKey;
    settings.peers = {{.name = "n2", .key = kPeerKey.public_key()}};
    return settings;
  }

  void hear(const Message& message) {
    node_.handle(BytesReceived{*connection_, *encode_frame(message)}, now_);
    answer_stores();
  }

  void answer_stores() {
    while (const auto action = node_.poll_action()) {
      if (const auto* store = std::get_if<Store>(&*action)) {
        deliveries_ += std::holds_alternative<KeepDelivery>(store->entry) ? 1 : 0;
        node_.handle(StoreAnswered{{{store->ticket, true}}}, now_);
      } else if (const auto* cast = std::get_if<AnswerCast>(&*action)) {
        vote_ = std::get<VoteId>(cast->answer);
      } else if (const auto* close = std::get_if<Close>(&*action)) {
        closed_ = close->connection == *connection_;
      }
    }
  }

  [[nodiscard]] bool is_owed() const { return node_.peers().front().outbox().contains(*vote_); }

  Instant now_ = Instant::from_nanoseconds(1);
  Node node_;
  std::optional<ConnectionId> connection_;
  std::optional<VoteId> vote_;
  int deliveries_ = 0;
  bool closed_ = false;
};

// Where a bit of the signature fell over on the way, the id still fits.
TEST_F(NodeReject, AVoteWhoseSignatureWasChangedOnTheWayIsStillOwed) {
  hear(Reject{*vote_, Refusal::kBadSignature});
  EXPECT_TRUE(is_owed());
  EXPECT_TRUE(closed_) << "it goes over another connection";
  EXPECT_EQ(deliveries_, 0) << "the store would forget that it is owed";
}

TEST_F(NodeReject, AVoteThatThePeerWillNeverTakeIsOwedNoMore) {
  hear(Reject{*vote_, Refusal::kEquivocation});
  EXPECT_FALSE(is_owed());
  EXPECT_FALSE(closed_);
  EXPECT_EQ(deliveries_, 1);
}

TEST_F(NodeReject, ARefusalOfAnUnknownVoteChangesNothing) {
  hear(Reject{VoteId{}, Refusal::kBadSignature});
  EXPECT_TRUE(is_owed());
  EXPECT_FALSE(closed_);
}

}  // namespace
}  // namespace halfopen::node::test
