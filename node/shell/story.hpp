// The node's log as a person reads it at night: one line for each thing that matters, in words.
//
// Changes of a peer's state are always told. What comes with every vote or every stranger is told
// up to a few lines a second (at info; debug tells all): thousands a second say nothing more, and
// writing them costs more than the votes.
#pragma once

#include "node/core/line_limit.hpp"
#include "node/shell/log.hpp"
#include "node/shell/tcp_connection.hpp"
#include "node/shell/witness.hpp"

namespace halfopen::node {

class Story {
 public:
  explicit Story(Log& log) : log_(log) {}

  void vote_send(const std::string& peer, const VoteSend& send, Instant now);
  void tell(const WitnessedNote& witnessed, Instant now);

 private:
  struct Visitor;

  // Whether to make and write a line of this kind now.
  [[nodiscard]] bool wants(LineLimit& limit, LogLevel level, Instant now, const char* what);
  void tell_death(const note::Transition& note, const WitnessedNote& witnessed);

  Log& log_;
  LineLimit votes_{100};
  LineLimit bad_votes_{10};
  LineLimit strangers_{5};
};

}  // namespace halfopen::node
