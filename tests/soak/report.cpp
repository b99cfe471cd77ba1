#include "tests/soak/report.hpp"

#include <cstdio>
#include <sstream>

namespace halfopen::soak {
namespace {

constexpr std::uint64_t kFailuresTold = 20;

}  // namespace

const char* to_text(Group group) {
  switch (group) {
    case Group::kExact:
      return "exact";
    case Group::kLossy:
      return "lossy";
    case Group::kCorrupt:
      return "corrupt";
  }
  return "";
}

void Report::fail(const std::string& what) {
  if (++failures_ <= kFailuresTold) std::fprintf(stderr, "traffic: %s\n", what.c_str());
}

std::string Report::json() const {
  std::ostringstream text;
  text << "{\"bytes\": " << bytes_ << ", \"failures\": " << failures_;
  for (std::size_t i = 0; i < kGroups; ++i) {
    text << ", \"" << to_text(static_cast<Group>(i)) << "\": {\"opened\": " << counts_.at(i).opened
         << ", \"complete\": " << counts_.at(i).complete << ", \"broken\": " << counts_.at(i).broken
         << "}";
  }
  text << "}";
  return text.str();
}

}  // namespace halfopen::soak
