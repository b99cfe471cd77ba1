// The faults that shape a stream of bytes: Toxiproxy's toxics and ours of the same kind, as typed
// settings.
#pragma once

#include <cstdint>
#include <variant>

#include "base/ids.hpp"

namespace halfopen {

// One stage of the chains of a proxy's connections: one a fault and direction.
using StageId = StrongId<struct StageIdTag>;

// Passes everything on.
struct NoopConfig {};

using StreamFaultConfig = std::variant<NoopConfig>;

// Which way the bytes go: upstream is what the client sent.
enum class StreamDirection : std::uint8_t { kUpstream, kDownstream, kBoth };

}  // namespace halfopen
