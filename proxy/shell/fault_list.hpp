// What `fault-proxy faults` prints: every type of fault, its attributes and a line to type.
//
// It is one table, so that nobody has to look for an attribute's name in a refusal. A test holds it
// against the registry of proxy/core/fault.hpp: no type and no attribute is missing, none is made
// up, and every example is taken.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace halfopen {

struct AttributeHelp {
  std::string_view name;  // empty: the text goes on with the one before
  // What it may be; the default last, in parentheses.
  std::string_view text;
};

struct FaultHelp {
  std::string_view type;
  std::string_view summary;
  std::span<const AttributeHelp> attributes;
  // What stands behind `fault-proxy ctl add web -t TYPE`.
  std::string_view example;
};

// In the order of the registry.
[[nodiscard]] std::span<const FaultHelp> fault_helps();

// All types, or the one; empty for a type that does not exist.
[[nodiscard]] std::string faults_text(std::string_view type);

// Prints them; answers the program's exit code.
[[nodiscard]] int list_faults(const std::string& type);

}  // namespace halfopen
