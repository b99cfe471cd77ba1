// Why a peer's state changed, in one table: name (events, metric labels) and sentence (logs).
//
// Errno values are mapped here too. ETIMEDOUT is the trap: the kernel says the same word for
// unanswered keep-alive probes and for unacknowledged data, and only what else it knows of the
// socket tells them apart.
#pragma once

#include <cstdint>
#include <string_view>

namespace halfopen::node {

enum class Reason : std::uint8_t {
#define HALFOPEN_REASON(identifier, name, sentence) identifier,
#include "node/core/reasons.inc"
#undef HALFOPEN_REASON
};

[[nodiscard]] std::string_view name_of(Reason reason);
[[nodiscard]] std::string_view sentence_of(Reason reason);

// What the shell knows of a socket that failed, as plain numbers.
struct SocketFacts {
  int error = 0;  // errno
  // Bytes that the kernel took and the peer's kernel never acknowledged.
  std::uint64_t unacked_bytes = 0;
};

[[nodiscard]] Reason reason_of_failure(const SocketFacts& facts, bool user_timeout_enabled);
[[nodiscard]] Reason reason_of_dial_failure(int error);

}  // namespace halfopen::node
