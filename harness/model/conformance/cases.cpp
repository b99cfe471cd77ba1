#include "harness/model/conformance/cases.hpp"

#include "base/near_name.hpp"
#include "harness/model/conformance/case_parts.hpp"
#include "harness/model/glob.hpp"

namespace halfopen::conformance {

const std::vector<Case>& all_cases() {
  static const std::vector<Case> cases = [] {
    std::vector<Case> all;
    for (const auto& group :
         {client_first_cases(), server_first_cases(), keep_alive_cases(), mapping_cases(),
          flush_cases(), outage_cases(), close_cases(), control_cases(), silence_cases(),
          machine_cases(), reset_cases(), timing_cases(), known_differences()}) {
      all.insert(all.end(), group.begin(), group.end());
    }
    return all;
  }();
  return cases;
}

const Case* find_case(const std::string& id) {
  for (const Case& test : all_cases()) {
    if (test.id == id) return &test;
  }
  return nullptr;
}

Result<std::vector<const Case*>> select_cases(const std::vector<std::string>& globs) {
  std::vector<std::string> ids;
  for (const Case& test : all_cases())
    ids.push_back(test.id);
  std::vector<bool> is_selected;
  for (const Case& test : all_cases())
    is_selected.push_back(globs.empty() && test.known_difference.empty());
  for (const std::string& glob : globs) {
    bool found = false;
    std::string only_by_id;
    for (std::size_t index = 0; index < ids.size(); ++index) {
      if (!matches_glob(ids[index], glob)) continue;
      if (all_cases()[index].known_difference.empty() || ids[index] == glob) {
        is_selected[index] = true;
        found = true;
      } else {
        // A glob that is meant for many names no known difference.
        only_by_id = ids[index];
      }
    }
    if (found) continue;
    if (!only_by_id.empty()) {
      return Problem{"\"", glob, "\" matches only a known difference, which is played by its full ",
                     "id: ", only_by_id};
    }
    return Problem{"no case is called \"", glob, "\"; ", expected_names(glob, ids),
                   "; halfopen conformance --list has them all"};
  }
  std::vector<const Case*> selected;
  for (std::size_t index = 0; index < ids.size(); ++index) {
    if (is_selected[index]) selected.push_back(&all_cases()[index]);
  }
  return selected;
}

}  // namespace halfopen::conformance
