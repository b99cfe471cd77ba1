// A nat fault's attributes as the model understands them: when a mapping is forgotten, what keeps
// it, and what each side's next packet then meets (proxy/README.md and ARCHITECTURE.md have the
// attributes; fault-proxy checks them).
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"

namespace halfopen {

// What becomes of a side whose mapping is gone.
enum class Forgotten : std::uint8_t { kDrop, kReset, kRevive, kTold };

struct NatTerms {
  Duration idle_timeout = std::chrono::hours(24 * 5);
  std::optional<Duration> unacked_timeout;
  bool by_bytes = false;           // only bytes refresh; keep-alive probes do not
  std::string on_expiry = "none";  // rst_both, rst_inside, fin_both
  Forgotten inside = Forgotten::kDrop;
  Forgotten outside = Forgotten::kDrop;
  [[nodiscard]] Duration shortest() const {
    return unacked_timeout ? std::min(*unacked_timeout, idle_timeout) : idle_timeout;
  }
};

[[nodiscard]] NatTerms read_nat_terms(const boost::json::object& attributes);

}  // namespace halfopen
