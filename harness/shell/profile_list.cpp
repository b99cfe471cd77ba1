#include "harness/shell/profile_list.hpp"

#include <boost/json/serialize.hpp>
#include <cstdio>

#include "harness/shell/exit_code.hpp"
#include "profiles/profiles.hpp"

namespace halfopen {

int list_profiles() {
  for (const Profile& profile : profiles()) {
    std::printf("%s%s\n    %s\n    nat: %s\n    source: %s (%s)\n", profile.name.c_str(),
                profile.is_hearsay ? "  (hearsay: not confirmed in the source itself)" : "",
                profile.title.c_str(), boost::json::serialize(profile.nat).c_str(),
                profile.source.c_str(), profile.date.c_str());
    if (!profile.note.empty()) std::printf("    note: %s\n", profile.note.c_str());
  }
  std::printf(
      "\nIn a scenario: faults: [{nat: {profile: %s, idle_timeout: 3s}}]; any attribute given "
      "beside the profile is put over it.\n",
      profiles().front().name.c_str());
  return after_output(kExitPass);
}

}  // namespace halfopen
