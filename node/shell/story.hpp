// The node's log as a person reads it at night: one line for each thing that matters, in words.
// What goes well with votes gets a hundred lines a second, then only its count (at info; debug has
// all of them, warn none).
#pragma once

#include "node/shell/line_budget.hpp"
#include "node/shell/log.hpp"
#include "node/shell/tcp_connection.hpp"
#include "node/shell/witness.hpp"

namespace halfopen::node {

class Story {
 public:
  explicit Story(Log& log) : log_(log) {}

  void vote_send(const std::string& peer, const VoteSend& send);
  void tell(const WitnessedNote& witnessed);

 private:
  struct Visitor;

  void tell_death(const note::Transition& note, const WitnessedNote& witnessed);
  // Whether a line about a vote that goes well may be written now.
  [[nodiscard]] bool may_tell_vote();
  // ... that does not: a peer that sends nothing else must not fill the disk.
  [[nodiscard]] bool may_tell_bad_vote();

  static constexpr std::size_t kVoteLinesASecond = 100;
  static constexpr std::size_t kBadVoteLinesASecond = 20;

  Log& log_;
  LineBudget vote_lines_{kVoteLinesASecond};
  LineBudget bad_vote_lines_{kBadVoteLinesASecond};
};

}  // namespace halfopen::node
