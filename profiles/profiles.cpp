#include "profiles/profiles.hpp"

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/node/convert.h>
#include <yaml-cpp/node/detail/impl.h>
#include <yaml-cpp/node/impl.h>
#include <yaml-cpp/node/iterator.h>
#include <yaml-cpp/node/node.h>
#include <yaml-cpp/node/parse.h>

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "base/assert.hpp"
#include "base/near_name.hpp"
#include "profiles/profiles_data.hpp"

namespace halfopen {
namespace {

constexpr std::array<std::string_view, 6> kKeys{"title", "source", "date", "status", "note", "nat"};

Problem problem_at(const std::string& file, const YAML::Mark& mark, std::string_view what) {
  return Problem{file, ":", std::to_string(mark.line + 1), ": ", what};
}

// Every value of a nat is a word or a duration: text, or a map of texts.
boost::json::object to_json(const YAML::Node& map) {
  boost::json::object object;
  for (const auto& entry : map) {
    const auto key = entry.first.as<std::string>();
    if (entry.second.IsMap()) {
      object[key] = to_json(entry.second);
    } else {
      object[key] = entry.second.as<std::string>();
    }
  }
  return object;
}

Result<Profile> bind_profile(const std::string& file, const std::string& name,
                             const YAML::Node& node) {
  if (!node.IsMap()) return problem_at(file, node.Mark(), name + ": expected a map");
  for (const auto& entry : node) {
    const auto key = entry.first.as<std::string>();
    if (std::find(kKeys.begin(), kKeys.end(), key) == kKeys.end()) {
      return problem_at(file, entry.first.Mark(), name + ": unknown key \"" + key + "\"");
    }
  }
  Profile profile;
  profile.name = name;
  std::string status;
  for (const auto& [key, text] :
       {std::pair{"title", &profile.title}, std::pair{"source", &profile.source},
        std::pair{"date", &profile.date}, std::pair{"status", &status}}) {
    const YAML::Node value = node[key];
    if (!value.IsDefined() || !value.IsScalar() || value.Scalar().empty()) {
      return problem_at(file, node.Mark(), name + ": \"" + key + "\" is missing or no text");
    }
    *text = value.Scalar();
  }
  if (status != "confirmed" && status != "hearsay") {
    return problem_at(file, node["status"].Mark(),
                      name + ": status is confirmed or hearsay, got \"" + status + "\"");
  }
  profile.is_hearsay = status == "hearsay";
  if (const YAML::Node note = node["note"]; note.IsDefined()) {
    profile.note = note.as<std::string>();
  }
  const YAML::Node nat = node["nat"];
  if (!nat.IsDefined() || !nat.IsMap()) {
    return problem_at(file, node.Mark(), name + ": \"nat\" is missing or no map");
  }
  profile.nat = to_json(nat);
  return profile;
}

}  // namespace

Result<std::vector<Profile>> parse_profiles(const std::string& text, const std::string& name) {
  std::vector<Profile> found;
  std::set<std::string> names;
  try {
    const YAML::Node document = YAML::Load(text);
    if (!document.IsMap()) return Problem{name, ": expected a map of profiles"};
    for (const auto& entry : document) {
      const auto key = entry.first.as<std::string>();
      if (!names.insert(key).second) {
        return problem_at(name, entry.first.Mark(), "profile " + key + " is there already");
      }
      HALFOPEN_TRY(profile, bind_profile(name, key, entry.second));
      found.push_back(std::move(profile));
    }
  } catch (const YAML::Exception& error) {
    return problem_at(name, error.mark, error.msg);
  }
  return found;
}

const std::vector<Profile>& profiles() {
  static const std::vector<Profile> all = [] {
    std::vector<Profile> found;
    for (const auto& [name, text] : profile_files()) {
      auto parsed = parse_profiles(std::string(text), std::string(name));
      HALFOPEN_ASSERT(parsed.has_value() && "a unit test reads every built-in profile");
      for (Profile& profile : *parsed)
        found.push_back(std::move(profile));
    }
    return found;
  }();
  return all;
}

Result<const Profile*> find_profile(std::string_view name) {
  std::vector<std::string> names;
  for (const Profile& profile : profiles()) {
    if (profile.name == name) return &profile;
    names.push_back(profile.name);
  }
  // The table is long, and a part of a name is what people remember: "nlb".
  std::string containing;
  for (const std::string& known : names) {
    if (name.size() < 2 || known.find(name) == std::string::npos) continue;
    containing += (containing.empty() ? "" : ", ") + known;
  }
  const std::string hint =
      containing.empty() ? expected_names(name, names) : "did you mean one of " + containing + "?";
  return Problem{"no profile is called \"", name, "\"; ", hint};
}

}  // namespace halfopen
