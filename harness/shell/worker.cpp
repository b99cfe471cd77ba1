#include "harness/shell/worker.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <functional>
#include <utility>

#include "harness/model/judge.hpp"
#include "harness/model/judge_window.hpp"
#include "harness/model/kernel_word.hpp"
#include "harness/model/open_metrics.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/prediction/comparison.hpp"
#include "harness/shell/abilities.hpp"
#include "harness/shell/event_reader.hpp"
#include "harness/shell/kept_lab.hpp"
#include "harness/shell/log_watch.hpp"
#include "harness/shell/metric_families.hpp"
#include "harness/shell/namespace.hpp"
#include "harness/shell/network_namespaces.hpp"
#include "harness/shell/process.hpp"
#include "harness/shell/report/html.hpp"
#include "harness/shell/run_directory.hpp"
#include "harness/shell/run_result.hpp"
#include "harness/shell/step_runner.hpp"
#include "harness/shell/wire_watch.hpp"
#include "harness/shell/worker_line.hpp"
#include "harness/worlds/world.hpp"
#include "metrics/clock.hpp"

namespace halfopen {
namespace {

namespace asio = boost::asio;

constexpr const char* kHarnessEvents = "harness.events.jsonl";
constexpr Duration kHeartbeat = std::chrono::milliseconds(10);
constexpr Duration kWorthRecording = std::chrono::milliseconds(5);
// What processes that have ended still had in their kernel's queues reaches the captures.
constexpr Duration kLastPackets = std::chrono::milliseconds(50);

void send_line(const boost::json::object& line) {
  const std::string text = worker_line_text(line);
  std::size_t at = 0;
  while (at < text.size()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data() + at, text.size() - at);
    if (written <= 0) return;
    at += static_cast<std::size_t>(written);
  }
}

// Wakes every 10 ms and records how late it was: on a machine that cannot even do that, no time
// that was measured means anything.
asio::awaitable<void> heartbeat(asio::io_context& context, RunRecord& record, const bool& stop) {
  asio::steady_timer timer(context);
  while (!stop) {
    const Instant due = monotonic_now() + kHeartbeat;
    timer.expires_after(kHeartbeat);
    co_await timer.async_wait(asio::use_awaitable);
    const Instant now = monotonic_now();
    const Duration late = now - due;
    record.latest_heartbeat = std::max(record.latest_heartbeat, late);
    if (late >= kWorthRecording) record.late_heartbeats.push_back({now, late});
  }
}

// `on_keep` is set where the lab stays up: then nothing ends until the worker is killed.
asio::awaitable<void> carry_out(asio::io_context& context, StepRunner& runner, RunRecord& record,
                                Result<bool, Trouble>& outcome, std::function<void()> on_keep) {
  bool stop = false;
  asio::co_spawn(context, heartbeat(context, record, stop), asio::detached);
  outcome = co_await runner.run();
  stop = true;
  if (on_keep) {
    on_keep();
    co_return;
  }
  co_await runner.end_processes();
  context.stop();
}

// All events of the run in one file, in time order, as their programs wrote them.
void write_events(const std::vector<Event>& events, const std::string& directory) {
  std::string text;
  for (const Event& event : events)
    text += boost::json::serialize(event.fields) + "\n";
  (void)write_text_file(directory + "/events.jsonl", text);
}

// What Grafana can be shown afterwards: `promtool tsdb create-blocks-from openmetrics`.
void write_samples(const RunRecord& record, const std::string& directory) {
  if (!record.wall_offset) return;
  (void)write_text_file(directory + "/samples.om",
                        open_metrics_text(record.samples, *record.wall_offset, metric_families()));
}

// Every event of every program, the harness included, in time order.
RunEvents read_events(const World& world, const std::string& directory) {
  std::vector<std::string> files{kHarnessEvents, WireWatch::kEventsFile};
  for (const ProcessSpec& process : world.processes()) {
    if (!process.events_path.empty()) files.push_back(process.events_path);
  }
  for (std::string& file : files)
    file.insert(0, directory + "/");
  return read_event_files(files);
}

// What the harness does is no evidence, and what happens while the processes are being ended is no
// part of the run.
void record_events(RunRecord& record, const std::vector<Event>& events) {
  for (const Event& event : events) {
    const bool is_ours = event.program == "halfopen";
    if (is_ours || event.at < record.whole.begin || event.at > record.whole.end) continue;
    record.events.push_back(event);
  }
}

void judge_run(const Plan& plan, const PlannedRun& run, const RunRecord& record,
               RunResult& result) {
  result.expectations = judge(run.scenario, record);
  for (ExpectationResult& expectation : result.expectations) {
    expectation.kernel = kernel_word(record, expectation.moment);
  }
  for (const ExpectationResult& check : cross_check(record)) {
    result.internal_error = result.internal_error || check.verdict == Verdict::kFail;
    result.expectations.push_back(check);
  }
  if (!run.control.empty()) {
    result.expectations = judge_control(run.must_fail, result.expectations);
  }
  result.verdict = combine(result.expectations);
  if (plan.report && run.control.empty()) {
    for (const StepSpan& step : record.steps) {
      if (step.id != plan.report->since) continue;
      result.story = tell_story(record, plan.report->node, plan.report->peer, step.span.begin);
    }
  }
  result.reason = fault_trouble(record);
  if (!result.reason.empty()) result.verdict = Verdict::kInconclusive;
  std::string late = stalled(run.scenario, record);
  if (late.empty() && result.reason.empty() && result.verdict == Verdict::kInconclusive) {
    late = scrape_trouble(record);
    if (late.empty()) late = unwatched(run.scenario, record);
  }
  if (!late.empty()) {
    result.reason = late;
    result.stalled = true;
    result.verdict = Verdict::kInconclusive;
  }
}

void report_trouble(const Trouble& trouble, RunResult& result) {
  result.reason = trouble.text;
  result.bad_input = trouble.kind == Trouble::Kind::kBadInput;
  result.verdict = trouble.kind == Trouble::Kind::kFailed ? Verdict::kFail : Verdict::kInconclusive;
}

// What the machine or the world cannot do for this run; empty when it can.
std::string what_is_missing(const World& world, const std::string& directory) {
  if (const auto possible = world.check(); possible.has_error()) return possible.error().text;
  const auto needs = world.needs();
  return needs.empty() ? "" : missing_abilities(needs, try_abilities(directory, needs));
}

// What `halfopen explain` says of the scenario, held against what happened.
void check_prediction(const Prediction& prediction, const RunRecord& record, RunResult& result) {
  const PredictionCheck check = compare(prediction, record);
  result.predictions = static_cast<unsigned>(check.rows.size());
  for (const PredictionRow& row : check.rows) {
    if (row.agrees) continue;
    result.mispredictions.push_back(row.node + " to " + row.peer + ", " + row.what +
                                    ": predicted " + row.predicted + ", measured " + row.measured);
  }
}

struct Attempt {
  const Plan& plan;
  const PlannedRun& run;
  const WorkerArguments& arguments;
  const World& world;
  NetworkNamespaces& namespaces;
  EventLog& log;
};

void add_note(RunResult& result, const std::string& text) {
  if (!text.empty()) result.note += (result.note.empty() ? "" : "; ") + text;
}

// What was captured and could not be judged or written, said beside the verdict or instead of it.
void report_watch(const WireWatch& watch, const std::vector<Event>& events, RunResult& result) {
  result.note = watch.missed_by_file();
  if (const auto written = watch.write_timelines(events); written.has_error()) {
    add_note(result, written.error().text);
  }
  // Counts that are too low prove nothing.
  if (watch.missed_by_account().empty()) return;
  result.verdict = Verdict::kInconclusive;
  result.stalled = true;
  result.reason = watch.missed_by_account();
}

// What is missing could have decided any expectation. A run that broke off needs no events to.
void report_damage(const std::string& damage, RunResult& result) {
  if (damage.empty()) return;
  result.verdict = Verdict::kInconclusive;
  result.reason = damage;
}

void judge_outcome(const Attempt& attempt, const Result<bool, Trouble>& outcome,
                   const RunRecord& record, RunResult& result) {
  if (outcome.has_value()) return judge_run(attempt.plan, attempt.run, record, result);
  report_trouble(outcome.error(), result);
  // A wait that missed its time on a machine that missed its heartbeats proves nothing.
  const std::string late = stalled(attempt.run.scenario, record);
  if (late.empty() || result.bad_input) return;
  result.stalled = true;
  result.verdict = Verdict::kInconclusive;
  result.reason = late + "; " + result.reason;
}

void run_scenario(const Attempt& attempt, RunResult& result) {
  const Scenario& scenario = attempt.run.scenario;
  const std::string& directory = attempt.arguments.directory;
  RunRecord record;
  record.scrape_interval = scenario.scrape_interval;
  for (const NodeSpec& node : scenario.nodes)
    record.node_names.push_back(node.name);
  asio::io_context context(1);
  const auto watch = WireWatch::open(
      context, {attempt.world, scenario, attempt.namespaces, directory, attempt.arguments.captures},
      record);
  if (watch.has_error()) {
    result.reason = watch.error().text;
    return;
  }
  std::vector<std::string> process_names;
  for (const ProcessSpec& process : attempt.world.processes())
    process_names.push_back(process.name);
  LogWatch logs(context, directory, process_names, record);
  StepRunner runner(context, scenario, record,
                    {attempt.world, attempt.namespaces, attempt.log, directory,
                     (*watch)->observers(), (*watch)->action_listener()},
                    [](const std::string& id) {
                      send_line({{"type", "step"}, {"step", id}});
                    });
  Result<bool, Trouble> outcome = true;
  const auto conclude = [&] {
    (*watch)->finish();
    logs.finish();
    const RunEvents read = read_events(attempt.world, directory);
    record_events(record, read.events);
    judge_outcome(attempt, outcome, record, result);
    report_watch(**watch, read.events, result);
    if (outcome.has_value()) report_damage(read.damage, result);
    const Prediction prediction = predict(scenario);
    if (outcome.has_value()) check_prediction(prediction, record, result);
    write_events(read.events, directory);
    write_samples(record, directory);
    add_note(result, write_timeline(directory, {scenario, prediction, record, result}));
  };
  std::function<void()> on_keep;
  if (attempt.arguments.keep) {
    on_keep = [&] {
      conclude();
      result.seconds = to_seconds(record.whole.end - record.whole.begin);
      send_line(to_json(KeptLab{result, 0, runner.kept_processes()}));
    };
  }
  asio::co_spawn(context, carry_out(context, runner, record, outcome, on_keep), asio::detached);
  context.run();
  if ((*watch)->has_captures()) {
    context.restart();
    context.run_for(kLastPackets);
  }
  conclude();
}

RunResult run_inside(const Plan& plan, const PlannedRun& run, const WorkerArguments& arguments) {
  const std::string& directory = arguments.directory;
  RunResult result;
  result.run_id = run.id;
  const Instant begin = monotonic_now();
  if (const auto kept = raise_ambient_network_capabilities(); kept.has_error()) {
    result.reason = kept.error().text;
    return result;
  }
  const auto world = make_world(arguments.world, run.scenario);
  result.reason = what_is_missing(*world, directory);
  if (!result.reason.empty()) return result;
  if (const auto set = set_sysctls(run.scenario.sysctls); set.has_error()) {
    result.reason = set.error().text;
    return result;
  }
  NetworkNamespaces namespaces(directory + "/lab");
  if (const auto made = namespaces.make(world->namespaces()); made.has_error()) {
    result.reason = made.error().text;
    return result;
  }
  auto log = EventLog::open(directory + "/" + kHarnessEvents, "halfopen", "harness");
  if (log.has_error()) {
    result.reason = log.error().text;
    result.internal_error = true;
    return result;
  }
  run_scenario({plan, run, arguments, *world, namespaces, *log}, result);
  result.seconds = to_seconds(monotonic_now() - begin);
  return result;
}

}  // namespace

int run_worker(const WorkerArguments& arguments) {
  // A process group of its own: Ctrl-C is for the coordinator, which then ends the workers.
  ::setsid();
  put_own_folder_into_path();
  if (!die_with_parent(arguments.parent)) return 70;
  const auto text = read_text_file(arguments.text_path);
  if (text.has_error()) {
    std::fprintf(stderr, "%s\n", text.error().text.c_str());
    return 70;
  }
  const auto document = parse_yaml(*text, arguments.original_name);
  if (document.has_error()) return 70;
  auto plan = plan_single_run(*document, arguments.variables, arguments.run_index);
  if (plan.has_error()) {
    std::fprintf(stderr, "%s\n", plan.error().text.c_str());
    return 70;
  }
  PlannedRun& run = plan->runs.front();
  run.scenario.seed = arguments.seed;
  const auto outcome = run_in_private_world([&] {
    const RunResult result = run_inside(*plan, run, arguments);
    const boost::json::object line = to_json(result);
    (void)write_text_file(arguments.directory + "/result.json", worker_line_text(line));
    send_line(line);
    return 0;
  });
  if (outcome.has_value()) return *outcome;
  RunResult refused;
  refused.run_id = run.id;
  refused.reason = outcome.error().text;
  send_line(to_json(refused));
  return 0;
}

}  // namespace halfopen
