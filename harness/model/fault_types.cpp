#include "harness/model/fault_types.hpp"

#include <algorithm>
#include <array>

#include "base/near_name.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

// A lab fault has one attribute, one of two words.
struct LabFault {
  std::string_view type;
  std::string_view attribute;
};
constexpr std::array kLabFaults{LabFault{"link_down", "at"}, LabFault{"one_way_loss", "toward"}};

const LabFault* find_lab_fault(std::string_view type) {
  const auto* found = std::find_if(kLabFaults.begin(), kLabFaults.end(),
                                   [&](const LabFault& fault) { return fault.type == type; });
  return found == kLabFaults.end() ? nullptr : found;
}

}  // namespace

std::string_view to_text(RestartKind kind) {
  switch (kind) {
    case RestartKind::kGraceful:
      return "graceful";
    case RestartKind::kCrash:
      return "crash";
    case RestartKind::kPowerLoss:
      return "power_loss";
  }
  return "";
}

const std::vector<std::string>& fault_types() {
  static const std::vector<std::string> types = fault_shape().main_keys();
  return types;
}

bool is_stream_fault(std::string_view type) {
  return fault_attributes_shape(type).find("stream") != nullptr;
}

bool is_lab_fault(std::string_view type) {
  return find_lab_fault(type) != nullptr;
}

bool is_one_at_a_time(std::string_view type) {
  return !is_lab_fault(type) && !is_stream_fault(type);
}

Result<void> check_lab_fault(const FaultSpec& fault) {
  const LabFault* known = find_lab_fault(fault.type);
  if (known == nullptr) return {};
  const std::string attribute(known->attribute);
  for (const auto& entry : fault.attributes) {
    if (entry.key() != known->attribute) {
      return problem_at(fault.mark, "unknown attribute \"" + std::string(entry.key()) + "\" of " +
                                        fault.type + "; " +
                                        expected_names(entry.key(), {attribute}));
    }
  }
  const auto* value = fault.attributes.if_contains(attribute);
  const bool good = value != nullptr && value->is_string() &&
                    (value->as_string() == "inside" || value->as_string() == "outside");
  if (good) return {};
  return problem_at(fault.mark, fault.type + " needs \"" + attribute +
                                    "\", which is inside or outside, as in {" + fault.type + ": {" +
                                    attribute + ": outside}}");
}

}  // namespace halfopen
