// The attributes that several faults share: a side, and which connections are meant and when.
#pragma once

#include "proxy/core/attributes.hpp"
#include "proxy/core/faults/configs.hpp"

namespace halfopen {

[[nodiscard]] PeerSide read_side(Attributes& reader, std::string_view key, PeerSide fallback);
// "after" and "new_connections".
[[nodiscard]] Aim read_aim(Attributes& reader);
void write_aim(const Aim& aim, boost::json::object& attributes);

}  // namespace halfopen
