#include "harness/model/profiles.hpp"

#include <string_view>
#include <utility>

#include "base/assert.hpp"
#include "base/duration_text.hpp"
#include "harness/model/bind_fields.hpp"
#include "harness/model/profiles_data.hpp"

namespace halfopen {
namespace {

Result<std::string> need_text(const Fields& fields, std::string_view key) {
  HALFOPEN_TRY(value, fields.need(key));
  return read_text(*value, "\"" + std::string(key) + "\"");
}

Result<Profile> bind_profile(const DocumentEntry& entry) {
  HALFOPEN_CHECK(check_id(entry.key, entry.key_mark, "the profile name"));
  HALFOPEN_TRY(fields, Fields::of(entry.value, "profile " + entry.key,
                                  {"title", "source", "date", "status", "nat"}));
  Profile profile;
  profile.name = entry.key;
  HALFOPEN_TRY(title, need_text(fields, "title"));
  profile.title = title;
  HALFOPEN_TRY(source, need_text(fields, "source"));
  profile.source = source;
  HALFOPEN_TRY(date, need_text(fields, "date"));
  profile.date = date;
  HALFOPEN_TRY(status, fields.need("status"));
  HALFOPEN_TRY(word, read_known(*status, "status", {"confirmed", "hearsay"}));
  profile.is_hearsay = word == "hearsay";
  HALFOPEN_TRY(nat, fields.need("nat"));
  HALFOPEN_CHECK(check_map(*nat, "\"nat\""));
  profile.nat = to_json(*nat).as_object();
  return profile;
}

Duration duration_of(const boost::json::object& attributes, std::string_view key) {
  const auto* value = attributes.if_contains(key);
  if (value == nullptr || !value->is_string()) return Duration::max();
  const auto duration = parse_duration(std::string_view(value->as_string()));
  return duration.has_value() ? *duration : Duration::max();
}

}  // namespace

Result<std::vector<Profile>> parse_profiles(const std::string& text, const std::string& name) {
  HALFOPEN_TRY(document, parse_yaml(text, name));
  HALFOPEN_CHECK(check_map(document, "the profiles"));
  std::vector<Profile> profiles;
  for (const DocumentEntry& entry : document.entries) {
    HALFOPEN_TRY(profile, bind_profile(entry));
    profiles.push_back(std::move(profile));
  }
  return profiles;
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

boost::json::object with_profile(const Profile& profile, const boost::json::object& own) {
  boost::json::object attributes = profile.nat;
  for (const auto& entry : own)
    attributes[entry.key()] = entry.value();
  if (!own.contains("unacked_timeout") &&
      duration_of(attributes, "idle_timeout") < duration_of(attributes, "unacked_timeout")) {
    attributes.erase("unacked_timeout");
  }
  return attributes;
}

}  // namespace halfopen
