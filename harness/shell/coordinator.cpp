#include "harness/shell/coordinator.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

#include "base/prng.hpp"
#include "harness/model/run_queue.hpp"
#include "harness/shell/exit_code.hpp"
#include "harness/shell/kept_lab.hpp"
#include "harness/shell/loaded_plan.hpp"
#include "harness/shell/progress.hpp"
#include "harness/shell/report/final_report.hpp"
#include "harness/shell/report/summary.hpp"
#include "harness/shell/run_directory.hpp"
#include "harness/shell/worker_process.hpp"
#include "metrics/clock.hpp"

namespace halfopen {
namespace {

namespace asio = boost::asio;

// Runs mostly wait; this many units a core keep the machine's heartbeat well under its limit.
constexpr unsigned kUnitsPerCore = 16;
constexpr auto kRedraw = std::chrono::milliseconds(200);

// An older run's files in the same place would be read as this run's.
Result<void> check_unused(const std::vector<LoadedPlan>& plans, const std::string& directory,
                          const std::string& option) {
  for (const LoadedPlan& loaded : plans) {
    for (const PlannedRun& run : loaded.plan.runs) {
      const std::string path = run_subdirectory(directory, run.id);
      std::error_code error;
      if (!std::filesystem::exists(path, error)) continue;
      return Problem{path, " is from an earlier run; choose another ", option,
                     ", or remove it first"};
    }
  }
  return {};
}

std::vector<const Plan*> plans_of(const std::vector<LoadedPlan>& loaded) {
  std::vector<const Plan*> plans;
  for (const LoadedPlan& one : loaded)
    plans.push_back(&one.plan);
  return plans;
}

const PlannedRun& run_at(const std::vector<LoadedPlan>& plans, const ChosenRun& chosen) {
  return plans[chosen.plan].plan.runs[chosen.run];
}

// Of the clock and the process, and small enough to be typed again.
std::uint64_t drawn_seed() {
  const auto now = static_cast<std::uint64_t>(monotonic_now().nanoseconds());
  return Prng(now ^ static_cast<std::uint64_t>(::getpid())).next() >> 33U;
}

// Runs are told apart by their seed, and a run alone has the same one as beside others.
std::uint64_t seed_of(std::uint64_t seed, const std::string& run_id, unsigned repetition) {
  // 53 bits: whoever reads the JSON with doubles, as JavaScript does, reads it unharmed.
  return Prng(seed).fork(run_id + "#" + std::to_string(repetition)).next() >> 11U;
}

unsigned times_of(const Plan& plan, const RunSettings& settings) {
  return std::max(settings.repeat, plan.repeat);
}

class Coordinator {
 public:
  Coordinator(const RunSettings& settings, std::vector<LoadedPlan> plans,
              const std::vector<ChosenRun>& chosen, std::string directory, std::string captures,
              Instant begin)
      : settings_(settings),
        plans_(std::move(plans)),
        directory_(std::move(directory)),
        captures_(std::move(captures)),
        seed_(settings.seed ? *settings.seed : drawn_seed()),
        begin_(begin),
        slots_(make_slots(chosen)),
        queue_(queue_settings(settings), queued_runs(), begin_),
        signals_(context_, SIGINT, SIGTERM),
        redraw_(context_),
        progress_(::isatty(STDOUT_FILENO) != 0, slots_.size()) {}

  int run() {
    wait_for_signals();
    draw();
    admit();
    context_.run();
    progress_.clear();
    return report_run(summary(), {settings_.program, command_options(), settings_.junit_path,
                                  settings_.json_path, captures_});
  }

 private:
  struct Slot {
    const LoadedPlan* loaded = nullptr;
    ChosenRun chosen;
    std::string directory;
    std::unique_ptr<WorkerProcess> worker;
    RunResult result;
    bool was_tried = false;
    [[nodiscard]] const PlannedRun& planned() const { return loaded->plan.runs[chosen.run]; }
  };

  static RunQueue::Settings queue_settings(const RunSettings& settings) {
    const unsigned units = settings.jobs != 0
                               ? settings.jobs
                               : kUnitsPerCore * std::max(1U, std::thread::hardware_concurrency());
    return {units, settings.time_budget, settings.fail_fast};
  }

  std::vector<std::unique_ptr<Slot>> make_slots(const std::vector<ChosenRun>& chosen) {
    std::vector<std::unique_ptr<Slot>> slots;
    for (const ChosenRun& run : chosen) {
      const LoadedPlan& loaded = plans_[run.plan];
      const unsigned times = times_of(loaded.plan, settings_);
      const unsigned first = run.repetition.value_or(0);
      for (unsigned repetition = first; repetition < (run.repetition ? first + 1 : times);
           ++repetition) {
        auto slot = std::make_unique<Slot>();
        slot->loaded = &loaded;
        slot->chosen = run;
        slot->result.run_id = slot->planned().id;
        slot->result.repetition = repetition;
        slot->result.seed =
            slot->planned().scenario.seed.value_or(seed_of(seed_, slot->planned().id, repetition));
        slots.push_back(std::move(slot));
      }
    }
    return slots;
  }

  [[nodiscard]] std::vector<QueuedRun> queued_runs() const {
    std::vector<QueuedRun> runs;
    for (const auto& slot : slots_) {
      const Scenario& scenario = slot->planned().scenario;
      runs.push_back({scenario.cost, expected_duration(scenario)});
    }
    return runs;
  }

  void wait_for_signals() {
    signals_.async_wait([this](boost::system::error_code error, int) {
      if (!error) interrupt();
    });
  }

  void admit() {
    while (const auto index = queue_.next(monotonic_now()))
      start(*index);
    if (queue_.done()) {
      redraw_.cancel();
      signals_.cancel();
    }
  }

  void start(std::size_t index) {
    Slot& slot = *slots_[index];
    std::string name = full_name(slot.result);
    if (slot.was_tried) {
      name += "-again";
      progress_.print("again, alone: " + full_name(slot.result) + " (" + slot.result.reason + ")");
    }
    slot.was_tried = true;
    slot.directory = run_subdirectory(directory_, name);
    WorkerProcess::Settings worker;
    worker.text = slot.loaded->text;
    worker.original_name = slot.loaded->plan.file;
    worker.variables = settings_.variables;
    worker.run_index = slot.chosen.run;
    worker.run_id = slot.planned().id;
    worker.directory = slot.directory;
    worker.world = settings_.world;
    worker.seed = slot.result.seed;
    worker.keep = settings_.keep;
    if (!captures_.empty()) worker.captures = run_subdirectory(captures_, name);
    worker.at_most = longest_possible(slot.planned().scenario);
    slot.worker = std::make_unique<WorkerProcess>(context_, worker);
    slot.worker->start([this, index](RunResult result) { on_end(index, std::move(result)); },
                       [this, index](const KeptLab& lab) { on_kept(index, lab); });
  }

  void on_end(std::size_t index, RunResult result) {
    Slot& slot = *slots_[index];
    result.repetition = slot.result.repetition;
    result.seed = slot.result.seed;
    result.directory = slot.directory;
    slot.result = std::move(result);
    const bool is_final = queue_.on_end(
        index,
        {slot.result.verdict == Verdict::kFail || slot.result.internal_error, slot.result.stalled});
    if (is_final && !interrupted_) {
      ++done_;
      if (!settings_.keep) progress_.print(run_line(slot.result));
    }
    admit();
  }

  // The lab waits in its worker until that is killed.
  void on_kept(std::size_t index, const KeptLab& lab) {
    const Slot& slot = *slots_[index];
    is_kept_ = true;
    progress_.print(run_line(lab.result));
    if (::isatty(STDIN_FILENO) == 0) {
      progress_.print(kept_lab_text(lab, slot.directory) + "It goes away with Ctrl-C.");
      return;
    }
    progress_.print(kept_lab_text(lab, slot.directory) +
                    "This shell is in it; it goes away with `exit`.");
    is_shell_open_ = true;
    shell_ = open_lab_shell(context_, lab, slot.directory, [this, index](const std::string& how) {
      is_shell_open_ = false;
      if (!how.empty()) progress_.print(how);
      slots_[index]->worker->kill();
    });
  }

  // Within one scenario its cells tell the runs apart; 80 columns do not hold more.
  [[nodiscard]] std::string short_name(const Slot& slot) const {
    const PlannedRun& run = slot.planned();
    if (plans_.size() > 1 || run.cell.empty()) return full_name(slot.result);
    std::string name;
    for (const auto& [axis, value] : run.cell)
      name += (name.empty() ? "" : " / ") + value;
    return run.control.empty() ? name : name + " / control " + run.control;
  }

  void draw() {
    const Instant now = monotonic_now();
    std::vector<RunningLine> lines;
    for (const std::size_t index : queue_.running()) {
      const Slot& slot = *slots_[index];
      lines.push_back({short_name(slot), slot.worker->step(), slot.worker->seconds()});
    }
    if (!is_shell_open_) progress_.draw(lines, done_, queue_.remaining(now));
    // A timer that has expired cannot be cancelled any more: its handler comes here once more, and
    // to arm it again then would keep the program from ever ending.
    if (queue_.done()) return;
    redraw_.expires_after(kRedraw);
    redraw_.async_wait([this](boost::system::error_code error) {
      if (!error) draw();
    });
  }

  // What has ended is reported; what runs is ended with all that it started.
  void interrupt() {
    if (is_shell_open_) return wait_for_signals();  // the shell's own Ctrl-C
    interrupted_ = !is_kept_;
    queue_.stop("not run: interrupted");
    for (const std::size_t index : queue_.running())
      slots_[index]->worker->kill();
    if (queue_.done()) redraw_.cancel();
  }

  // What changes what runs, as it was typed.
  [[nodiscard]] std::vector<std::string> command_options() const {
    std::vector<std::string> options;
    if (settings_.world != WorldKind::kProxy) {
      options.push_back("--world " + std::string(to_text(settings_.world)));
    }
    if (!captures_.empty())
      options.push_back("--pcap " + shell_word(settings_.captures + "-again"));
    for (const auto& [name, value] : settings_.variables) {
      options.push_back("--var " + shell_word(std::string(name).append("=").append(value)));
    }
    return options;
  }

  [[nodiscard]] RunSummary summary() const {
    RunSummary all;
    all.plans.resize(plans_.size());
    for (std::size_t plan = 0; plan < plans_.size(); ++plan)
      all.plans[plan].plan = &plans_[plan].plan;
    for (std::size_t index = 0; index < slots_.size(); ++index) {
      RunResult result = slots_[index]->result;
      const bool was_killed = interrupted_ && result.internal_error;
      if (!queue_.left_out(index).empty() && !slots_[index]->was_tried) {
        result.is_left_out = true;
        result.reason = queue_.left_out(index);
      } else if (was_killed) {
        result.internal_error = false;
        result.reason = "interrupted before its end";
      }
      all.plans[slots_[index]->chosen.plan].runs.push_back(std::move(result));
    }
    std::erase_if(all.plans, [](const PlanResults& results) { return results.runs.empty(); });
    all.directory = directory_;
    all.world = to_text(settings_.world);
    all.seed = seed_;
    all.seconds = to_seconds(monotonic_now() - begin_);
    all.was_interrupted = interrupted_;
    return all;
  }

  const RunSettings& settings_;
  asio::io_context context_{1};  // outlives the workers, whose timers and pipes are its
  std::vector<LoadedPlan> plans_;
  std::string directory_;
  std::string captures_;
  std::uint64_t seed_;
  Instant begin_;                             // with the loading: whoever waits counts from there
  std::vector<std::unique_ptr<Slot>> slots_;  // in report order
  RunQueue queue_;
  asio::signal_set signals_;
  asio::steady_timer redraw_;
  Progress progress_;
  std::unique_ptr<Process> shell_;
  std::size_t done_ = 0;
  bool is_kept_ = false;  // the verdict is known, and the lab stays up for a person
  bool is_shell_open_ = false;
  bool interrupted_ = false;
};

// Written at once, and not after minutes of runs.
Result<void> check_writable(const std::string& option, const std::string& path) {
  if (path.empty()) return {};
  const auto written = write_text_file(path, "");
  if (written.has_error()) return Problem{option, ": ", written.error().text};
  return {};
}

// Hundreds of files take their time, and a person wants to see that something goes on.
LoadedPlans load_with_notice(const RunSettings& settings) {
  const std::size_t files = count_scenario_files(settings.files);
  const PassingLine line(::isatty(STDOUT_FILENO) != 0,
                         "loading " + std::to_string(files) +
                             (files == 1 ? " scenario file ..." : " scenario files ..."));
  return load_plans(settings.files, settings.variables);
}

}  // namespace

int run_scenarios(const RunSettings& settings) {
  const Instant begin = monotonic_now();
  auto loaded = load_with_notice(settings);
  if (!loaded.problems.empty()) {
    tell_github_of(loaded.problems);
    return complain(loaded.problems);
  }
  const auto chosen = choose_runs(plans_of(loaded.plans), settings.selection);
  if (chosen.has_error()) return complain({chosen.error()});
  if (settings.keep) {
    std::size_t played = 0;
    for (const ChosenRun& run : *chosen) {
      played += run.repetition ? 1 : times_of(loaded.plans[run.plan].plan, settings);
    }
    if (played != 1) {
      return complain({Problem{"--keep leaves one lab up, and ", std::to_string(played),
                               " runs are chosen; choose one by its id, such as --run ",
                               shell_word(run_at(loaded.plans, chosen->front()).id),
                               played > chosen->size() ? "#1" : ""}});
    }
  }
  const auto directory = make_run_directory(settings.directory);
  if (directory.has_error()) return complain({directory.error()});
  for (const auto& [option, path] :
       {std::pair{"--junit", settings.junit_path}, {"--json", settings.json_path}}) {
    const auto writable = check_writable(option, path);
    if (writable.has_error()) return complain({writable.error()});
  }
  const auto fresh = check_unused(loaded.plans, *directory, "--out");
  if (fresh.has_error()) return complain({fresh.error()});
  std::string captures;
  if (!settings.captures.empty()) {
    const auto made = make_run_directory(settings.captures);
    if (made.has_error()) return complain({Problem{"--pcap: ", made.error().text}});
    captures = *made;
    const auto empty = check_unused(loaded.plans, captures, "--pcap");
    if (empty.has_error()) return complain({empty.error()});
  }
  return Coordinator(settings, std::move(loaded.plans), *chosen, *directory, captures, begin).run();
}

}  // namespace halfopen
