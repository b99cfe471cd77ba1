// When exactly a mapping ends, measured.
#include "harness/model/conformance/case_parts.hpp"

namespace halfopen::conformance {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Case ladder_case(const char* id, const char* claim, LastPacket last) {
  Case test;
  test.id = id;
  test.claim = claim;
  test.faults = {nat_after_2s("drop", "drop")};
  test.ladder = LadderSpec{.last = last,
                           .idle_timeout = seconds(2),
                           .rungs = 25,
                           .first = milliseconds(-60),
                           .step = milliseconds(5),
                           .late_max = milliseconds(20)};
  test.expected = {{"never early", "yes"}, {"never late", "yes"}};
  return test;
}

}  // namespace

std::vector<Case> timing_cases() {
  return {ladder_case("expiry-after-data", "a mapping ends its timeout after the last data's ACK",
                      LastPacket::kData),
          ladder_case("expiry-after-probe",
                      "a mapping ends its timeout after the last keep-alive probe's answer",
                      LastPacket::kProbe)};
}

}  // namespace halfopen::conformance
