// Does one cause fit the log? The rules of Linux TCP about which error shows first, applied to what
// the cause was measured to do.
#pragma once

#include <string>
#include <vector>

#include "harness/model/diagnosis.hpp"

namespace halfopen {

// Below this, an ETIMEDOUT for unacknowledged data cannot have come at the system's default of
// net.ipv4.tcp_retries2 (15: about 924 s).
inline constexpr Duration kKernelGivesUp = std::chrono::minutes(10);

[[nodiscard]] RankedCause rank_cause(const LogFacts& log, const CauseFingerprint& cause);

// The errors that the cause shows an undefended node, in order, each once.
[[nodiscard]] std::vector<std::string> trace_of(const DeathStory& story);

// "[OK, EPIPE]"
[[nodiscard]] std::string list_text(const std::vector<std::string>& items);

}  // namespace halfopen
