#include "harness/model/bind.hpp"

#include <cstdint>
#include <string_view>

#include "harness/model/bind_fields.hpp"
#include "harness/model/bind_parts.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

constexpr unsigned kCostMax = 8;
constexpr Duration kScrapeIntervalMin = milliseconds(10);
constexpr Duration kScrapeIntervalMax = minutes(1);

constexpr std::string_view kWorld = "world:";

const std::vector<std::string>& abilities() {
  return file_shape().find("needs")->type.parts[0].words;
}

Result<void> bind_settings(const Fields& file, Scenario& scenario) {
  HALFOPEN_TRY(name, file.need("name"));
  HALFOPEN_TRY(name_text, read_id(*name, "the scenario name"));
  if (name_text.find('_') != std::string::npos) {
    return problem_at(name->mark,
                      "the name \"" + name_text + "\" has a \"_\"; expected a-z, 0-9 and -");
  }
  scenario.name = name_text;
  HALFOPEN_TRY(claim, file.need("claim"));
  HALFOPEN_TRY(claim_text, read_text(*claim, "\"claim\""));
  scenario.claim = claim_text;
  if (const Document* needs = file.find("needs")) {
    HALFOPEN_CHECK(check_list(*needs, "\"needs\""));
    for (const Document& item : needs->items) {
      HALFOPEN_TRY(need, read_known(item, "ability", abilities()));
      if (need.starts_with(kWorld)) {
        scenario.worlds.push_back(need.substr(kWorld.size()));
      } else {
        scenario.needs.push_back(std::move(need));
      }
    }
  }
  return {};
}

Result<void> bind_run_settings(const Fields& file, Scenario& scenario) {
  if (const Document* tags = file.find("tags")) {
    HALFOPEN_CHECK(read_texts(*tags, "\"tags\""));
    for (const Document& item : tags->items) {
      HALFOPEN_TRY(tag, read_id(item, "the tag"));
      scenario.tags.push_back(std::move(tag));
    }
  }
  if (const Document* seed = file.find("seed")) {
    HALFOPEN_TRY(number, read_number(*seed, "\"seed\"", 0, UINT64_MAX));
    scenario.seed = number;
  }
  if (const Document* cost = file.find("cost")) {
    HALFOPEN_TRY(units, read_count(*cost, "\"cost\"", 1, kCostMax));
    scenario.cost = units;
  }
  if (const Document* interval = file.find("scrape_interval")) {
    HALFOPEN_TRY(time, read_duration(*interval, "\"scrape_interval\""));
    if (time < kScrapeIntervalMin || time > kScrapeIntervalMax) {
      return problem_at(interval->mark, "\"scrape_interval\" must be from 10ms to 1m");
    }
    scenario.scrape_interval = time;
  }
  if (const Document* sysctls = file.find("sysctls")) {
    HALFOPEN_TRY(values, read_sysctls(*sysctls, "\"sysctls\""));
    scenario.sysctls = std::move(values);
  }
  return {};
}

}  // namespace

Result<Scenario> bind_scenario(const Document& document, const RunTerms& terms) {
  HALFOPEN_TRY(file, Fields::of(document, file_shape()));
  Scenario scenario;
  HALFOPEN_CHECK(bind_settings(file, scenario));
  HALFOPEN_CHECK(bind_run_settings(file, scenario));
  HALFOPEN_TRY(nodes, file.need("nodes"));
  HALFOPEN_CHECK(bind_nodes(*nodes, scenario));
  if (const Document* links = file.find("links")) {
    HALFOPEN_CHECK(bind_links(*links, terms, scenario));
  }
  const Document* steady_state = file.find("steady_state");
  if (steady_state != nullptr) HALFOPEN_CHECK(bind_steady_state(*steady_state, scenario));
  HALFOPEN_TRY(steps, file.need("steps"));
  HALFOPEN_CHECK(bind_steps(*steps, terms, scenario));
  const Document* liveness = file.find("liveness");
  if (liveness != nullptr) HALFOPEN_CHECK(bind_liveness(*liveness, steady_state, scenario));
  HALFOPEN_TRY(expect, file.need("expect"));
  HALFOPEN_CHECK(bind_expectations(*expect, terms, scenario));
  if (liveness != nullptr) HALFOPEN_CHECK(bind_liveness_expectation(*liveness, scenario));
  HALFOPEN_CHECK(check_noise(document, scenario));
  return scenario;
}

}  // namespace halfopen
