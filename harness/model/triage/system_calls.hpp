// Lines of strace(1): what the errno of a line alone does not say.
//
// ETIMEDOUT from SO_ERROR tells of a dial where connect() was told EINPROGRESS before, and a
// receive of nothing is the other side's FIN only on a socket, and news only where neither this
// program nor the protocol had asked for the end.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "harness/model/triage/excerpt.hpp"

namespace halfopen {

struct SystemCall {
  std::string connection;           // "fd 7"
  bool dials = false;               // its error is of a dial
  std::string words;                // "sendto(7, ...) = 42"
  std::optional<ClueKind> outcome;  // a FIN was read, a send was told OK
  bool was_answered = false;        // bytes came: the sends before it are in doubt no more
};

class SystemCalls {
 public:
  // Nothing where the line is no system call of a socket.
  [[nodiscard]] std::optional<SystemCall> read(std::string_view line);

 private:
  [[nodiscard]] std::optional<SystemCall> read_whole(std::string_view line);
  void forget(unsigned descriptor);
  void note_words(std::string_view line, unsigned descriptor, bool received);

  std::set<unsigned> sockets_;
  std::set<unsigned> dialing_;
  std::map<std::string, std::string, std::less<>> unfinished_;  // a thread's call that others cut
  std::set<unsigned> asked_to_close_;  // the request says "close behind your answer"
  std::set<unsigned> is_ending_;       // the other side's FIN is the end that was agreed on
};

}  // namespace halfopen
