// A note of the core together with what the kernel says about its socket: what the event log, the
// metrics and the human log are all written from.
#pragma once

#include <functional>
#include <optional>

#include "node/core/note.hpp"
#include "node/shell/evidence.hpp"

namespace halfopen::node {

struct WitnessedNote {
  const Note& note;
  // Of a connection that has ended; null for other notes, and for dials that never connected.
  const Evidence* evidence = nullptr;
  // Since the last sign of life, the kernel's view included: an answered keep-alive probe is one,
  // although no byte came.
  Duration since_life{};
};

// Whether this transition ends the connection that it names: only then may the socket be asked
// questions that change it.
[[nodiscard]] bool ends_connection(const note::Transition& transition);
// A healthy connection was found dead, and nobody had meant to close it.
[[nodiscard]] bool is_death(const note::Transition& transition);

}  // namespace halfopen::node
