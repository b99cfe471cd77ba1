#include "harness/model/selection.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <system_error>
#include <utility>

#include "base/near_name.hpp"
#include "harness/model/glob.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kNamesShown = 20;

bool has_tag(const PlannedRun& run, const std::string& tag) {
  const auto& tags = run.scenario.tags;
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

bool is_chosen_by_tags(const PlannedRun& run, const std::vector<std::string>& tags) {
  bool wants_any = false;
  bool has_any = false;
  for (const std::string& tag : tags) {
    if (tag.front() == '!') {
      if (has_tag(run, tag.substr(1))) return false;
    } else {
      wants_any = true;
      has_any = has_any || has_tag(run, tag);
    }
  }
  return !wants_any || has_any;
}

bool is_chosen_by_filters(const Plan& plan, const PlannedRun& run,
                          const std::vector<std::string>& filters) {
  return filters.empty() ||
         std::any_of(filters.begin(), filters.end(), [&](const std::string& filter) {
           return matches_glob(plan.name, filter) || matches_glob(run.id, filter);
         });
}

Result<void> check_tags(const std::vector<const Plan*>& plans,
                        const std::vector<std::string>& tags) {
  std::set<std::string> known;
  for (const Plan* plan : plans) {
    for (const PlannedRun& run : plan->runs)
      known.insert(run.scenario.tags.begin(), run.scenario.tags.end());
  }
  for (const std::string& tag : tags) {
    const std::string name = !tag.empty() && tag.front() == '!' ? tag.substr(1) : tag;
    if (name.empty()) return Problem{"--tags: a tag is empty; expected --tags NAME[,NAME...]"};
    if (known.contains(name)) continue;
    return Problem{"--tags: no scenario has the tag \"", name, "\"; ",
                   known.empty() ? "none of these scenarios has tags"
                                 : expected_names(name, {known.begin(), known.end()})};
  }
  return {};
}

Result<void> check_filters(const std::vector<const Plan*>& plans,
                           const std::vector<std::string>& filters) {
  for (const std::string& filter : filters) {
    std::vector<std::string> names;
    bool found = false;
    for (const Plan* plan : plans) {
      names.push_back(plan->name);
      for (const PlannedRun& run : plan->runs)
        found = found || is_chosen_by_filters(*plan, run, {filter});
    }
    if (found) continue;
    const std::string near = near_name(filter, names);
    if (names.size() > kNamesShown) names.resize(kNamesShown);
    return Problem{"--filter: no run is called \"", filter, "\"; ",
                   near.empty() ? expected_names("", names) : "did you mean \"" + near + "\"?",
                   " (\"*\" and \"?\" stand for any letters)"};
  }
  return {};
}

constexpr unsigned kRepetitionsMax = 10'000;

// "name#2" into "name" and 1; no number is no repetition.
Result<std::pair<std::string, std::optional<unsigned>>> split_repetition(const std::string& name) {
  const auto mark = name.rfind('#');
  if (mark == std::string::npos) return std::pair{name, std::optional<unsigned>{}};
  unsigned number = 0;
  const char* end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + mark + 1, end, number);
  if (read.ec != std::errc{} || read.ptr != end || number == 0 || number > kRepetitionsMax) {
    return Problem{"--run: \"", name, "\": expected a repetition from 1 on after \"#\", as in ",
                   name.substr(0, mark), "#2"};
  }
  return std::pair{name.substr(0, mark), std::optional<unsigned>{number - 1}};
}

Result<std::vector<ChosenRun>> choose_by_id(const std::vector<const Plan*>& plans,
                                            const std::vector<std::string>& names) {
  std::vector<ChosenRun> chosen;
  for (const std::string& name : names) {
    HALFOPEN_TRY(wanted, split_repetition(name));
    std::vector<std::string> ids;
    const std::size_t before = chosen.size();
    for (std::size_t plan = 0; plan < plans.size(); ++plan) {
      for (std::size_t run = 0; run < plans[plan]->runs.size(); ++run) {
        ids.push_back(plans[plan]->runs[run].id);
        if (ids.back() == wanted.first) chosen.push_back({plan, run, wanted.second});
      }
    }
    if (chosen.size() > before) continue;
    const std::string near = near_name(wanted.first, ids);
    if (ids.size() > kNamesShown) ids.resize(kNamesShown);
    return Problem{"--run: no run is called \"", wanted.first, "\"; ",
                   near.empty() ? expected_names("", ids) : "did you mean \"" + near + "\"?"};
  }
  return chosen;
}

}  // namespace

Result<std::vector<ChosenRun>> choose_runs(const std::vector<const Plan*>& plans,
                                           const Selection& selection) {
  if (!selection.runs.empty()) return choose_by_id(plans, selection.runs);
  HALFOPEN_CHECK(check_tags(plans, selection.tags));
  HALFOPEN_CHECK(check_filters(plans, selection.filters));
  std::vector<ChosenRun> chosen;
  for (std::size_t plan = 0; plan < plans.size(); ++plan) {
    for (std::size_t run = 0; run < plans[plan]->runs.size(); ++run) {
      const PlannedRun& planned = plans[plan]->runs[run];
      if (is_chosen_by_filters(*plans[plan], planned, selection.filters) &&
          is_chosen_by_tags(planned, selection.tags)) {
        chosen.push_back({plan, run, {}});
      }
    }
  }
  if (chosen.empty()) return Problem{"--filter and --tags together choose no run"};
  return chosen;
}

}  // namespace halfopen
