// Which votes this node knows, by who cast them and for what: at most one for each voter and slot.
//
// One look answers three questions: is this vote new, is it one that was sent again, or is it a
// second, different one (an equivocation)? A slot is taken as soon as its vote is on its way to the
// store, so that two that come together cannot both pass.
//
// Invariants: a voter has at most `retention` votes here, and the oldest are forgotten first; but
// none is forgotten on its way to the store, since the store's answer will ask for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "node/core/journal.hpp"

namespace halfopen::node {

class Ledger {
 public:
  enum class State : std::uint8_t {
    kPending,  // on its way to the store
    kDurable,
    kFailed,  // the store did not take it
  };
  struct Known {
    SignedVote vote;
    VoteId id;
    State state = State::kPending;
  };

  explicit Ledger(std::size_t retention) : retention_(retention) {}

  [[nodiscard]] const Known* find(const PublicKey& voter, const Slot& slot) const;
  // The voter's highest slot.
  [[nodiscard]] std::optional<Slot> highest(const PublicKey& voter) const;
  // The highest slot of this voter that was forgotten.
  [[nodiscard]] std::optional<Slot> forgotten_up_to(const PublicKey& voter) const;
  [[nodiscard]] std::size_t size() const { return size_; }

  // The slot must be free.
  void add(SignedVote vote, const VoteId& id, State state);
  // The slot must be taken.
  void mark(const PublicKey& voter, const Slot& slot, State state);
  // As if it had never come.
  void remove(const PublicKey& voter, const Slot& slot);
  void note_forgotten(const PublicKey& voter, const Slot& slot);

 private:
  struct Voter {
    std::map<Slot, Known> votes;
    std::deque<Slot> order;  // of coming
    std::optional<Slot> forgotten_up_to;
  };

  std::size_t retention_;
  std::size_t size_ = 0;
  std::map<PublicKey, Voter> voters_;
};

}  // namespace halfopen::node
