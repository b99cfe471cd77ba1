#include "harness/shell/profile_list.hpp"

#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "harness/model/profiles.hpp"
#include "harness/shell/coordinator.hpp"

namespace halfopen {

int list_profiles() {
  for (const Profile& profile : profiles()) {
    std::printf("%s%s\n    %s\n    nat: %s\n    source: %s (%s)\n", profile.name.c_str(),
                profile.is_hearsay ? "  (hearsay: not confirmed in the source itself)" : "",
                profile.title.c_str(), boost::json::serialize(profile.nat).c_str(),
                profile.source.c_str(), profile.date.c_str());
  }
  std::printf(
      "\nIn a scenario: faults: [{nat: {profile: %s, idle_timeout: 3s}}]; any attribute given "
      "beside the profile is put over it.\n",
      profiles().front().name.c_str());
  if (std::fflush(stdout) == 0) return kExitPass;
  std::fprintf(stderr, "halfopen: the list could not be written: %s\n", std::strerror(errno));
  return kExitInternal;
}

}  // namespace halfopen
