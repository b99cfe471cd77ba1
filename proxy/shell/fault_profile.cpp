#include "proxy/shell/fault_profile.hpp"

#include <boost/json/serialize.hpp>

#include "profiles/profiles.hpp"

namespace halfopen {
namespace {

constexpr std::string_view kKey = "profile";

// Nothing where no profile is named.
Result<const Profile*> named_profile(std::string_view type, const boost::json::object& attributes,
                                     const std::string& where) {
  const boost::json::value* name = attributes.if_contains(kKey);
  if (type != "nat" || name == nullptr || name->is_null()) return nullptr;
  if (!name->is_string()) {
    return Problem{where, ".profile: expected a name, got ", boost::json::serialize(*name)};
  }
  const auto found = find_profile(name->get_string());
  if (found.has_error()) return Problem{where, ".profile: ", found.error().text};
  return *found;
}

}  // namespace

Result<FaultConfig> read_fault_config(std::string_view type, const boost::json::object& attributes,
                                      const std::string& where) {
  HALFOPEN_TRY(profile, named_profile(type, attributes, where));
  if (profile == nullptr) return parse_fault(type, attributes, where);
  return parse_fault(type, with_profile(*profile, attributes), where);
}

Result<FaultConfig> read_changed_config(const FaultConfig& present,
                                        const boost::json::object& attributes,
                                        const std::string& where) {
  const std::string_view type = type_of(present);
  HALFOPEN_TRY(profile, named_profile(type, attributes, where));
  boost::json::object merged;
  if (profile != nullptr) {
    merged = attributes;
    // Where the fault is, is no vendor's business.
    const boost::json::object before = attributes_of(present);
    if (!merged.contains("inside")) merged["inside"] = before.at("inside");
  } else {
    merged = attributes_of(present);
    for (const auto& [key, changed] : attributes)
      merged[key] = changed;
  }
  return read_fault_config(type, merged, where);
}

std::string warning_of(const FaultConfig& config) {
  const auto* nat = std::get_if<NatConfig>(&config);
  if (nat == nullptr || !nat->profile) return "";
  const auto profile = find_profile(*nat->profile);
  if (profile.has_error() || !(*profile)->is_hearsay) return "";
  return "profile " + (*profile)->name + " is hearsay: nobody has confirmed it in its source, " +
         (*profile)->source;
}

}  // namespace halfopen
