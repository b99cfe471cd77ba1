#include "proxy/shell/profile_list.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <string>

#include "base/duration_text.hpp"
#include "profiles/profiles.hpp"

namespace halfopen {
namespace {

// "1h" reads better than "3600s".
std::string timeout_of(const Profile& profile) {
  const std::string text(profile.nat.at("idle_timeout").get_string());
  const auto parsed = parse_duration(text);
  return parsed.has_value() ? format_duration(*parsed) : text;
}

const char* status_of(const Profile& profile) {
  return profile.is_hearsay ? "hearsay" : "confirmed";
}

}  // namespace

boost::json::array profiles_json() {
  boost::json::array list;
  for (const Profile& profile : profiles()) {
    boost::json::object entry{{"name", profile.name},
                              {"title", profile.title},
                              {"idle_timeout", profile.nat.at("idle_timeout")},
                              {"behaviour", behaviour_text(profile.nat)},
                              {"nat", profile.nat},
                              {"status", status_of(profile)},
                              {"source", profile.source},
                              {"date", profile.date}};
    if (!profile.note.empty()) entry["note"] = profile.note;
    list.push_back(std::move(entry));
  }
  return list;
}

int list_profiles(bool json) {
  if (json) {
    std::printf("%s\n", boost::json::serialize(profiles_json()).c_str());
  } else {
    std::size_t width = 0;
    for (const Profile& profile : profiles())
      width = std::max(width, profile.name.size());
    for (const Profile& profile : profiles()) {
      std::printf("%-*s  %7s  %s\n    %s\n    %s, %s: %s\n", static_cast<int>(width),
                  profile.name.c_str(), timeout_of(profile).c_str(),
                  behaviour_text(profile.nat).c_str(), profile.title.c_str(), status_of(profile),
                  profile.date.c_str(), profile.source.c_str());
      if (!profile.note.empty()) std::printf("    note: %s\n", profile.note.c_str());
    }
    std::printf(
        "\nUse one: {\"type\": \"nat\", \"attributes\": {\"profile\": \"aws-nlb\", "
        "\"idle_timeout\": \"3s\"}}; what stands beside the profile wins.\n");
  }
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 ? 0 : 70;
}

}  // namespace halfopen
