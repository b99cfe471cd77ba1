// NAT profiles by name: what a known middlebox does, as the attributes of a nat fault.
//
// The data are the files of scenarios/profiles, built into the program, each entry with its source.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace halfopen {

struct Profile {
  std::string name;
  std::string title;
  std::string source;
  std::string date;         // when the source was read: "2025-11"
  bool is_hearsay = false;  // not confirmed in the source itself
  boost::json::object nat;  // attributes
};

// `name` is what errors call the text.
[[nodiscard]] Result<std::vector<Profile>> parse_profiles(const std::string& text,
                                                          const std::string& name);

// Those that are built in, in the files' order.
[[nodiscard]] const std::vector<Profile>& profiles();

// The profile's attributes with `own` put over them. A timeout of the profile for data that nobody
// acknowledges never stays above an idle_timeout of one's own, which would cover it.
[[nodiscard]] boost::json::object with_profile(const Profile& profile,
                                               const boost::json::object& own);

}  // namespace halfopen
