// How late a dead connection can be noticed, as a formula over the configuration: the promise that
// `--check-config` prints, that a scenario can wait for, and that a test can hold the node to.
//
// Everything is counted from the last byte that came in, because received bytes are the only sign
// of life; the network's own delay and the time that a process does not get to run come on top.
#pragma once

#include <optional>

#include "base/time.hpp"
#include "node/core/settings.hpp"

namespace halfopen::node {

// From the last byte that came in on a connection on which this node sends no vote, until it
// declares the connection dead. Nothing: no configured defence ever looks.
[[nodiscard]] std::optional<Duration> idle_detection_bound(const Defences& defences);

// From the sending of a vote into a dead connection until it is declared dead.
[[nodiscard]] std::optional<Duration> vote_detection_bound(const Defences& defences);

// From the declaration until the connection is open again, when the peer is there and nobody else
// is in its way: the longest wait, and a dial and a hello that use their whole deadlines. Nothing:
// this node does not dial again.
[[nodiscard]] std::optional<Duration> reconnect_bound(const Defences& defences);

}  // namespace halfopen::node
