// The node's log as a person reads it at night: one line for each thing that matters, in words.
#pragma once

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
  void tell_death(const note::Transition& note, const WitnessedNote& witnessed);

  Log& log_;
};

}  // namespace halfopen::node
