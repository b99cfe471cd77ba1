// NAT profiles by name: what a known middlebox does, as the attributes of a nat fault.
//
// The data are the files of scenarios/profiles, one a vendor, built into the program, each entry
// with its source. A profile that was not confirmed in its source says so, and whoever uses one is
// warned.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace halfopen {

struct Profile {
  std::string name{};
  std::string title{};
  std::string source{};
  std::string date{};         // when the source was read: "2025-11"
  bool is_hearsay = false;    // not confirmed in the source itself
  std::string note{};         // what of it is not confirmed, or cannot be told by a nat; may be ""
  boost::json::object nat{};  // attributes
};

// `name` is what errors call the text.
[[nodiscard]] Result<std::vector<Profile>> parse_profiles(const std::string& text,
                                                          const std::string& name);

// Those that are built in, in the files' order.
[[nodiscard]] const std::vector<Profile>& profiles();
// Names the nearest ones where there is none of that name.
[[nodiscard]] Result<const Profile*> find_profile(std::string_view name);

// What a nat of this profile does, in a few words: "drops in silence", "resets whoever sends next".
[[nodiscard]] std::string behaviour_text(const boost::json::object& nat);

// The profile's attributes with `own` put over them. What the profile says gives way where it
// would contradict `own`: an unacked_timeout above an idle_timeout of one's own, say.
[[nodiscard]] boost::json::object with_profile(const Profile& profile,
                                               const boost::json::object& own);

}  // namespace halfopen
