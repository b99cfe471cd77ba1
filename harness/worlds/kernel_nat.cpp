#include "harness/worlds/kernel_nat.hpp"

#include <chrono>
#include <string_view>

#include "base/duration_text.hpp"

namespace halfopen {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr Duration kLinuxEstablished = hours(24 * 5);
// nf_conntrack keeps timeouts in a signed 32-bit number of jiffies.
constexpr Duration kTimeoutMax = hours(24 * 24);

std::string text_of(const boost::json::object& attributes, std::string_view key,
                    std::string_view otherwise) {
  const auto* value = attributes.if_contains(key);
  return std::string(value != nullptr && value->is_string() ? std::string_view(value->as_string())
                                                            : otherwise);
}

Result<Duration> whole_seconds(const boost::json::object& attributes, std::string_view key) {
  HALFOPEN_TRY(duration, parse_duration(text_of(attributes, key, "")));
  if (duration < seconds(1) || duration % seconds(1) != Duration{0}) {
    return Problem{"conntrack counts whole seconds, and ", key, " is ", format_duration(duration)};
  }
  if (duration > kTimeoutMax) {
    return Problem{"conntrack cannot count to ", format_duration(duration), " (", key, ")"};
  }
  return duration;
}

Result<KernelNat::Inside> inside_action(const std::string& word) {
  if (word == "drop") return KernelNat::Inside::kDrop;
  if (word == "rst") return KernelNat::Inside::kReset;
  if (word == "repick_same_port") return KernelNat::Inside::kRepickSamePort;
  if (word == "repick_new_port") return KernelNat::Inside::kRepickNewPort;
  return Problem{"the kernel world has no NAT whose next packet from inside means \"", word, "\""};
}

Result<void> check_words(const boost::json::object& attributes) {
  if (text_of(attributes, "refresh_by", "segments") != "segments") {
    return Problem{"conntrack counts packets: a box that is refreshed by bytes only is a proxy"};
  }
  if (const std::string word = text_of(attributes, "on_expiry", "none"); word != "none") {
    return Problem{"conntrack forgets in silence: on_expiry: ", word, " has no counterpart there"};
  }
  return {};
}

std::string seconds_text(Duration duration) {
  return std::to_string(std::chrono::duration_cast<seconds>(duration).count());
}

bool is_loose(const KernelNat& nat) {
  return nat.inside == KernelNat::Inside::kRepickSamePort ||
         nat.inside == KernelNat::Inside::kRepickNewPort;
}

}  // namespace

Result<KernelNat> kernel_nat(const boost::json::object& attributes) {
  HALFOPEN_CHECK(check_words(attributes));
  KernelNat nat;
  HALFOPEN_TRY(idle, whole_seconds(attributes, "idle_timeout"));
  nat.idle_timeout = idle;
  nat.unacked_timeout = idle;
  if (attributes.contains("unacked_timeout")) {
    HALFOPEN_TRY(unacked, whole_seconds(attributes, "unacked_timeout"));
    nat.unacked_timeout = unacked;
  }
  const std::string revive = text_of(attributes, "revive_by", "");
  if (revive == "any") {
    return Problem{"a NAT cannot translate a packet from outside back without its mapping, so ",
                   "revive_by: any is no Linux NAT"};
  }
  const std::string by_default = revive == "inside" ? "repick_same_port" : "drop";
  std::string inside = by_default;
  std::string outside = "drop";
  if (const auto* action = attributes.if_contains("on_next_packet")) {
    if (const auto* sides = action->if_object()) {
      inside = text_of(*sides, "inside", by_default);
      outside = text_of(*sides, "outside", "drop");
    } else {
      inside = text_of(attributes, "on_next_packet", by_default);
      outside = inside == "rst" ? "rst" : "drop";
    }
  }
  HALFOPEN_TRY(at_inside, inside_action(inside));
  nat.inside = at_inside;
  nat.outside_is_reset = outside == "rst";
  return nat;
}

KernelNat endless_nat() {
  KernelNat nat;
  nat.idle_timeout = kLinuxEstablished;
  nat.unacked_timeout = kLinuxEstablished;
  nat.inside = KernelNat::Inside::kRepickSamePort;
  return nat;
}

std::string nat_rules(const KernelNat& nat, InvalidPackets invalid) {
  std::string rules =
      "table ip halfopen_nat\n"
      "delete table ip halfopen_nat\n"
      "table ip halfopen_nat {\n"
      "  chain forward {\n"
      "    type filter hook forward priority 0; policy accept;\n";
  if (nat.inside == KernelNat::Inside::kReset) {
    rules += "    ct state invalid meta l4proto tcp reject with tcp reset\n";
  } else if (nat.inside == KernelNat::Inside::kDrop && invalid == InvalidPackets::kDrop) {
    rules += "    ct state invalid drop\n";
  }
  rules +=
      "  }\n"
      "  chain input {\n"
      "    type filter hook input priority 0; policy accept;\n";
  if (!nat.outside_is_reset) rules += "    iifname \"outside\" drop\n";
  rules +=
      "  }\n"
      "  chain postrouting {\n"
      "    type nat hook postrouting priority 100; policy accept;\n"
      "    oifname \"outside\" masquerade";
  if (nat.inside == KernelNat::Inside::kRepickNewPort) rules += " fully-random";
  rules +=
      "\n"
      "  }\n"
      "}\n";
  return rules;
}

std::map<std::string, std::string> nat_sysctls(const KernelNat& nat) {
  const std::string prefix = "net.netfilter.nf_conntrack_tcp_";
  return {{prefix + "timeout_established", seconds_text(nat.idle_timeout)},
          {prefix + "timeout_unacknowledged", seconds_text(nat.unacked_timeout)},
          {prefix + "timeout_max_retrans", seconds_text(nat.unacked_timeout)},
          {prefix + "loose", is_loose(nat) ? "1" : "0"}};
}

}  // namespace halfopen
