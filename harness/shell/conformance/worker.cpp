#include "harness/shell/conformance/worker.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>

#include "base/duration_text.hpp"
#include "harness/model/conformance/cases.hpp"
#include "harness/model/conformance/observation.hpp"
#include "harness/shell/abilities.hpp"
#include "harness/shell/conformance/lab.hpp"
#include "harness/shell/conformance/ladder_player.hpp"
#include "harness/shell/conformance/script_player.hpp"
#include "harness/shell/namespace.hpp"
#include "harness/shell/network_namespaces.hpp"
#include "harness/shell/run_directory.hpp"
#include "harness/worlds/kernel_world.hpp"
#include "metrics/clock.hpp"

namespace halfopen::conformance {
namespace {

namespace asio = boost::asio;
using Status = Observation::Status;

constexpr Duration kHeartbeat = std::chrono::milliseconds(10);

constexpr Duration kWorthNoting = std::chrono::milliseconds(5);

struct Heart {
  Duration latest{};
  std::vector<LateBeat> late_beats;
  bool stop = false;
};

// Wakes every 10 ms and notes how late it was.
asio::awaitable<void> beat(asio::io_context& context, Heart& heart) {
  while (!heart.stop) {
    const Instant due = monotonic_now() + kHeartbeat;
    co_await wait_for(context, kHeartbeat);
    const Instant now = monotonic_now();
    heart.latest = std::max(heart.latest, now - due);
    if (now - due >= kWorthNoting) heart.late_beats.push_back({now, now - due});
  }
}

void take_judgement(const LadderSpec& spec, const Climb& climbed, Observation& observation) {
  LadderJudgement judgement = judge_ladder(spec, climbed.rungs, climbed.granularity);
  observation.cells = std::move(judgement.cells);
  observation.notes = std::move(judgement.notes);
  observation.notes.insert(observation.notes.end(), climbed.notes.begin(), climbed.notes.end());
  if (judgement.certainly_overdue >= kRungsLateMin) return;
  observation.status = Status::kStalled;
  observation.reason =
      "the machine stood still while most mappings were to end; use fewer --jobs, or a machine "
      "that is less busy";
}

asio::awaitable<Result<void>> observe(asio::io_context& context, const Case& test, Lab& lab,
                                      const Heart& heart, Observation& observation) {
  Result<void> outcome;
  if (test.ladder) {
    const auto climbed = co_await climb(context, test, lab, heart.late_beats);
    if (climbed.has_value()) {
      take_judgement(*test.ladder, *climbed, observation);
    } else {
      outcome = climbed.error();
    }
  } else {
    ScriptPlayer player(context, test, lab);
    outcome = co_await player.play();
    observation.cells = player.cells();
    observation.times = player.times();
  }
  co_return outcome;
}

asio::awaitable<void> run_all(asio::io_context& context, const Case& test, Lab& lab,
                              Observation& observation, Result<void>& outcome) {
  // Outlives whoever looks at it: the context runs nobody once this has ended.
  Heart heart;
  outcome = co_await lab.start();
  if (outcome.has_value()) {
    asio::co_spawn(context, beat(context, heart), asio::detached);
    outcome = co_await observe(context, test, lab, heart, observation);
    heart.stop = true;
    observation.latest_heartbeat = heart.latest;
  }
  if (const std::string trouble = lab.trouble(); !trouble.empty()) outcome = Problem{trouble};
  co_await lab.end();
  context.stop();
}

std::unique_ptr<World> world_for(const Case& test, WorldKind kind, const Scenario& scenario) {
  if (kind != WorldKind::kKernel) return make_world(kind, scenario);
  return std::make_unique<KernelWorld>(
      scenario, test.forwards_invalid ? InvalidPackets::kForward : InvalidPackets::kDrop);
}

// What stands in the way of a case, before it begins.
Result<void> prepare(const Case& test, const World& world, NetworkNamespaces& namespaces,
                     const std::string& directory) {
  const auto kept = raise_ambient_network_capabilities();
  if (kept.has_error()) return kept.error();
  HALFOPEN_CHECK(world.check());
  const auto needs = world.needs();
  if (!needs.empty()) {
    const std::string missing = missing_abilities(needs, try_abilities(directory, needs));
    if (!missing.empty()) return Problem{missing};
  }
  const auto set = set_sysctls(test.sysctls);
  if (set.has_error()) return set.error();
  return namespaces.make(world.namespaces());
}

Observation run_inside(const Case& test, const WorkerArguments& arguments) {
  Observation observation;
  observation.status = Status::kComplete;
  const Scenario scenario = scenario_of(test);
  const auto world = world_for(test, arguments.world, scenario);
  NetworkNamespaces namespaces(arguments.directory + "/lab");
  Result<void> outcome = prepare(test, *world, namespaces, arguments.directory);
  if (outcome.has_value()) {
    asio::io_context context(1);
    Lab lab(context, *world, namespaces, arguments.directory);
    asio::co_spawn(context, run_all(context, test, lab, observation, outcome), asio::detached);
    context.run();
  }
  if (outcome.has_error()) {
    observation.status = Status::kCannot;
    observation.reason = outcome.error().text;
  }
  if (observation.latest_heartbeat > test.lateness_max) {
    observation.status = Status::kStalled;
    const auto late =
        std::chrono::duration_cast<std::chrono::milliseconds>(observation.latest_heartbeat);
    observation.reason =
        "the machine was " + format_duration(late) + " late where " +
        format_duration(test.lateness_max) +
        " would already be too much; use fewer --jobs, or a machine that is less busy" +
        (observation.reason.empty() ? "" : "; " + observation.reason);
  }
  return observation;
}

bool write_observation(const WorkerArguments& arguments, const Observation& observation) {
  return write_text_file(arguments.directory + "/" + kObservationFile,
                         boost::json::serialize(to_json(observation)) + "\n")
      .has_value();
}

}  // namespace

int run_worker(const WorkerArguments& arguments) {
  ::setsid();  // Ctrl-C is for the coordinator, which then ends its workers.
  if (!die_with_parent(arguments.parent)) return 70;
  const Case* test = find_case(arguments.case_id);
  if (test == nullptr) return 70;
  const auto outcome = run_in_private_world(
      [&] { return write_observation(arguments, run_inside(*test, arguments)) ? 0 : 70; });
  if (outcome.has_value()) return *outcome;
  Observation refused;
  refused.reason = outcome.error().text;
  return write_observation(arguments, refused) ? 0 : 70;
}

}  // namespace halfopen::conformance
