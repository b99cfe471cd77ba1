// What the attributes of a profile mean together: in words, and under attributes of one's own.
#include <algorithm>

#include "base/duration_text.hpp"
#include "profiles/profiles.hpp"

namespace halfopen {
namespace {

Duration duration_of(const boost::json::object& attributes, std::string_view key) {
  const auto* value = attributes.if_contains(key);
  if (value == nullptr || !value->is_string()) return Duration::max();
  const auto duration = parse_duration(std::string_view(value->as_string()));
  return duration.has_value() ? *duration : Duration::max();
}

std::string_view word_of(const boost::json::object& attributes, std::string_view key,
                         std::string_view otherwise) {
  const auto* value = attributes.if_contains(key);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string()) : otherwise;
}

struct NextPacket {
  std::string_view inside = "drop";
  std::string_view outside = "drop";
};

NextPacket next_packet_of(const boost::json::object& nat) {
  NextPacket next;
  if (const auto* both = nat.if_contains("on_next_packet"); both != nullptr && both->is_object()) {
    next.inside = word_of(both->as_object(), "inside", "drop");
    next.outside = word_of(both->as_object(), "outside", "drop");
  } else {
    next.inside = word_of(nat, "on_next_packet", "drop");
    if (next.inside == "rst") next.outside = "rst";
  }
  if (!nat.contains("on_next_packet") && word_of(nat, "revive_by", "none") != "none") {
    next.inside = "repick_same_port";
  }
  return next;
}

std::string_view inside_text(std::string_view word) {
  if (word == "rst") return "reset";
  if (word == "repick_same_port") return "picked up again";
  if (word == "repick_new_port") return "reset by the far end";
  return "dropped";
}

}  // namespace

std::string behaviour_text(const boost::json::object& nat) {
  const std::string counts =
      word_of(nat, "refresh_by", "segments") == "bytes" ? "counts bytes; " : "";
  const std::string_view expiry = word_of(nat, "on_expiry", "none");
  if (expiry == "rst_both") return counts + "resets both sides at expiry";
  if (expiry == "fin_both") return counts + "closes both sides at expiry";
  const NextPacket next = next_packet_of(nat);
  const std::string at_expiry = expiry == "rst_inside" ? "resets the inside at expiry; " : "";
  if (next.inside == "drop" && next.outside == "drop") return counts + at_expiry + "silent";
  if (next.inside == "rst" && next.outside == "rst") {
    return counts + at_expiry + "resets whoever sends next";
  }
  return counts + at_expiry + "next packet from inside " + std::string(inside_text(next.inside)) +
         ", from outside " + (next.outside == "rst" ? "reset" : "dropped");
}

boost::json::object with_profile(const Profile& profile, const boost::json::object& own) {
  boost::json::object attributes = profile.nat;
  // Two words for one thing: who gives one does not mean the profile's other.
  if (own.contains("on_next_packet")) attributes.erase("revive_by");
  if (own.contains("revive_by")) attributes.erase("on_next_packet");
  for (const auto& entry : own)
    attributes[entry.key()] = entry.value();
  const bool revives = next_packet_of(attributes).inside == "repick_same_port";
  if (revives && word_of(attributes, "on_expiry", "none") != "none") {
    // After what is said at expiry nothing is left to be picked up: what is one's own stays.
    if (!own.contains("on_expiry")) {
      attributes.erase("on_expiry");
    } else if (!own.contains("on_next_packet") && !own.contains("revive_by")) {
      attributes.erase("on_next_packet");
      attributes.erase("revive_by");
    }
  }
  const bool covered =
      duration_of(attributes, "idle_timeout") < duration_of(attributes, "unacked_timeout");
  const bool sees_bytes_only = word_of(attributes, "refresh_by", "segments") == "bytes";
  if (!own.contains("unacked_timeout") && (covered || sees_bytes_only)) {
    attributes.erase("unacked_timeout");
  }
  return attributes;
}

}  // namespace halfopen
