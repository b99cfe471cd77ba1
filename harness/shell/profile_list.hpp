// `halfopen profiles`: what a scenario can name in `nat: {profile: ...}`.
#pragma once

namespace halfopen {

// Prints each profile with its attributes and its source. Answers the exit status.
[[nodiscard]] int list_profiles();

}  // namespace halfopen
