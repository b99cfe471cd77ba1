#include "harness/shell/coordinator.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

#include "harness/shell/exit_code.hpp"
#include "harness/shell/loaded_plan.hpp"
#include "harness/shell/progress.hpp"
#include "harness/shell/report/html.hpp"
#include "harness/shell/report/incident_table.hpp"
#include "harness/shell/report/junit.hpp"
#include "harness/shell/report/summary.hpp"
#include "harness/shell/run_directory.hpp"
#include "harness/shell/worker_process.hpp"

namespace halfopen {
namespace {

namespace asio = boost::asio;

// Runs mostly wait; this many units a core keep the machine's heartbeat well under its limit.
constexpr unsigned kUnitsPerCore = 6;
constexpr auto kRedraw = std::chrono::milliseconds(200);

// An older run's files in the same place would be read as this run's.
Result<bool> check_unused(const std::vector<LoadedPlan>& plans, const std::string& directory,
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
  return true;
}

// Why the first run that cannot be true in this world cannot; empty when every run can.
std::string what_the_world_cannot(const Plan& plan, WorldKind world) {
  for (const PlannedRun& run : plan.runs) {
    const auto possible = make_world(world, run.scenario)->check();
    if (possible.has_error()) return possible.error().text;
  }
  return "";
}

int complain(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems)
    std::fprintf(stderr, "halfopen: %s\n", problem.text.c_str());
  return kExitBadInput;
}

class Coordinator {
 public:
  Coordinator(const RunSettings& settings, std::vector<LoadedPlan> plans, std::string directory,
              std::string captures)
      : settings_(settings),
        plans_(std::move(plans)),
        directory_(std::move(directory)),
        captures_(std::move(captures)),
        units_(settings.jobs != 0
                   ? settings.jobs
                   : kUnitsPerCore * std::max(1U, std::thread::hardware_concurrency())),
        signals_(context_, SIGINT, SIGTERM),
        redraw_(context_) {}

  int run() {
    queue_all();
    Progress progress(::isatty(STDOUT_FILENO) != 0, waiting_.size());
    progress_ = &progress;
    signals_.async_wait([this](boost::system::error_code error, int) {
      if (!error) interrupt();
    });
    draw();
    admit();
    context_.run();
    progress.clear();
    if (interrupted_) {
      std::fprintf(stderr,
                   "halfopen: interrupted; every process and namespace of the runs is gone. "
                   "What was written is in %s\n",
                   directory_.c_str());
      return kExitInterrupted;
    }
    return report();
  }

 private:
  struct Slot {
    const LoadedPlan* loaded = nullptr;
    std::size_t plan_index = 0;
    std::size_t run_index = 0;
    std::string directory;
    std::unique_ptr<WorkerProcess> worker;
    RunResult result;
    bool tried_alone = false;
    [[nodiscard]] const PlannedRun& planned() const { return loaded->plan.runs[run_index]; }
  };

  void queue_all() {
    for (std::size_t plan_index = 0; plan_index < plans_.size(); ++plan_index) {
      for (std::size_t run_index = 0; run_index < plans_[plan_index].plan.runs.size();
           ++run_index) {
        auto slot = std::make_unique<Slot>();
        slot->loaded = &plans_[plan_index];
        slot->plan_index = plan_index;
        slot->run_index = run_index;
        waiting_.push_back(slot.get());
        slots_.push_back(std::move(slot));
      }
    }
  }

  // Starts what fits. Stalled runs are tried again at the end, one at a time.
  void admit() {
    while (!interrupted_ && !waiting_.empty()) {
      const unsigned cost = waiting_.front()->planned().scenario.cost;
      if (!running_.empty() && used_ + cost > units_) return;
      Slot* slot = waiting_.front();
      waiting_.pop_front();
      used_ += cost;
      start(*slot);
    }
    if (running_.empty() && !stalled_.empty() && !interrupted_) {
      Slot* slot = stalled_.front();
      stalled_.pop_front();
      slot->tried_alone = true;
      progress_->print("again, alone: " + slot->planned().id + " (" + slot->result.reason + ")");
      used_ += slot->planned().scenario.cost;
      start(*slot);
    }
    if (running_.empty()) {
      redraw_.cancel();
      signals_.cancel();
    }
  }

  void start(Slot& slot) {
    const std::string name = slot.planned().id + (slot.tried_alone ? "-again" : "");
    slot.directory = run_subdirectory(directory_, name);
    running_.push_back(&slot);
    WorkerProcess::Settings worker;
    worker.text = slot.loaded->text;
    worker.original_name = slot.loaded->plan.file;
    worker.variables = settings_.variables;
    worker.run_index = slot.run_index;
    worker.run_id = slot.planned().id;
    worker.directory = slot.directory;
    worker.world = settings_.world;
    if (!settings_.captures.empty()) worker.captures = run_subdirectory(captures_, name);
    worker.at_most = longest_possible(slot.planned().scenario);
    slot.worker = std::make_unique<WorkerProcess>(context_, worker);
    slot.worker->start([this, &slot](RunResult result) { on_end(slot, std::move(result)); });
  }

  void on_end(Slot& slot, RunResult result) {
    slot.result = std::move(result);
    running_.erase(std::find(running_.begin(), running_.end(), &slot));
    used_ -= slot.planned().scenario.cost;
    if (interrupted_) {
      if (running_.empty()) context_.stop();
      return;
    }
    if (slot.result.stalled && !slot.tried_alone) {
      stalled_.push_back(&slot);
    } else {
      ++done_;
      progress_->print(run_line(slot.result));
    }
    admit();
  }

  // Within one scenario its cells tell the runs apart; 80 columns do not hold more.
  [[nodiscard]] std::string short_name(const PlannedRun& run) const {
    if (plans_.size() > 1 || run.cell.empty()) return run.id;
    std::string name;
    for (const auto& [axis, value] : run.cell)
      name += (name.empty() ? "" : " / ") + value;
    return run.control.empty() ? name : name + " / control " + run.control;
  }

  void draw() {
    if (!running_.empty() || !waiting_.empty()) {
      std::vector<RunningLine> lines;
      for (const Slot* slot : running_) {
        lines.push_back(
            {short_name(slot->planned()), slot->worker->step(), slot->worker->seconds()});
      }
      progress_->draw(lines, done_);
    }
    redraw_.expires_after(kRedraw);
    redraw_.async_wait([this](boost::system::error_code error) {
      if (!error) draw();
    });
  }

  void interrupt() {
    interrupted_ = true;
    for (Slot* slot : running_)
      slot->worker->kill();
    redraw_.cancel();
    if (running_.empty()) context_.stop();
  }

  // The command that repeats a scenario, as a shell takes it.
  [[nodiscard]] std::string command_for(const Plan& plan) const {
    std::string command = settings_.program + " run '" + plan.file + "'";
    if (settings_.world != WorldKind::kProxy) {
      command += " --world " + std::string(to_text(settings_.world));
    }
    if (!settings_.captures.empty()) command += " --pcap '" + settings_.captures + "-again'";
    for (const auto& [name, value] : settings_.variables) {
      command.append(" --var '").append(name).append("=").append(value).append("'");
    }
    return command;
  }

  int report() {
    std::vector<PlanResults> all(plans_.size());
    for (const auto& slot : slots_) {
      all[slot->plan_index].plan = &slot->loaded->plan;
      all[slot->plan_index].runs.push_back(slot->result);
    }
    std::printf("\n");
    for (const auto& slot : slots_) {
      const std::string text = why(slot->result, slot->directory, command_for(slot->loaded->plan));
      if (!text.empty()) std::printf("%s\n", text.c_str());
    }
    for (const PlanResults& results : all) {
      const std::string table = incident_table(results, terminal_width());
      const std::string diagnosis = diagnosis_text(results, terminal_width());
      if (!table.empty()) std::printf("%s\n", table.c_str());
      if (!diagnosis.empty()) std::printf("%s\n", diagnosis.c_str());
    }
    return finish(all);
  }

  [[nodiscard]] Result<std::string> write_report() const {
    std::vector<ReportedRun> runs;
    for (const auto& slot : slots_) {
      const Plan& plan = slot->loaded->plan;
      runs.push_back({&plan, &slot->planned(), &slot->result, slot->directory, command_for(plan)});
    }
    return write_html_report(directory_, to_text(settings_.world), runs);
  }

  int finish(const std::vector<PlanResults>& all) {
    unsigned passed = 0;
    unsigned failed = 0;
    unsigned inconclusive = 0;
    bool internal = false;
    bool bad_input = false;
    for (const auto& slot : slots_) {
      const RunResult& result = slot->result;
      passed += result.verdict == Verdict::kPass ? 1 : 0;
      failed += result.verdict == Verdict::kFail ? 1 : 0;
      inconclusive += result.verdict == Verdict::kInconclusive ? 1 : 0;
      internal = internal || result.internal_error;
      bad_input = bad_input || result.bad_input;
    }
    if (!settings_.junit_path.empty()) {
      const auto written = write_text_file(settings_.junit_path, junit_xml(all));
      if (written.has_error()) return complain({written.error()});
    }
    const auto page = write_report();
    std::printf("%u passed, %u failed, %u inconclusive%s. Logs, events and configurations: %s\n",
                passed, failed, inconclusive,
                settings_.world == WorldKind::kKernel ? " in the kernel world" : "",
                directory_.c_str());
    if (page.has_error()) return complain({page.error()});
    std::printf("Report: %s\n", page->c_str());
    if (!captures_.empty()) std::printf("Captures of every link: %s\n", captures_.c_str());
    if (internal) return after_output(kExitInternal);
    if (bad_input) return after_output(kExitBadInput);
    if (failed > 0) return after_output(kExitFail);
    return after_output(inconclusive > 0 ? kExitInconclusive : kExitPass);
  }

  const RunSettings& settings_;
  std::vector<LoadedPlan> plans_;
  std::string directory_;
  std::string captures_;
  unsigned units_;
  asio::io_context context_{1};
  asio::signal_set signals_;
  asio::steady_timer redraw_;
  Progress* progress_ = nullptr;
  std::vector<std::unique_ptr<Slot>> slots_;  // in report order
  std::deque<Slot*> waiting_;
  std::deque<Slot*> stalled_;
  std::vector<Slot*> running_;
  unsigned used_ = 0;
  std::size_t done_ = 0;
  bool interrupted_ = false;
};

}  // namespace

int run_scenarios(const RunSettings& settings) {
  auto loaded = load_plans(settings.files, settings.variables);
  if (!loaded.problems.empty()) return complain(loaded.problems);
  const auto directory = make_run_directory(settings.directory);
  if (directory.has_error()) return complain({directory.error()});
  if (!settings.junit_path.empty()) {
    // Now, and not after minutes of runs.
    const auto writable = write_text_file(settings.junit_path, "");
    if (writable.has_error()) return complain({Problem{"--junit: ", writable.error().text}});
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
  return Coordinator(settings, std::move(loaded.plans), *directory, captures).run();
}

int validate_scenarios(const RunSettings& settings) {
  const LoadedPlans loaded = load_plans(settings.files, settings.variables);
  bool impossible = false;
  for (const LoadedPlan& good : loaded.plans) {
    const std::string cannot = what_the_world_cannot(good.plan, settings.world);
    impossible = impossible || !cannot.empty();
    std::printf("%s: good, %zu runs%s\n", good.plan.file.c_str(), good.plan.runs.size(),
                cannot.empty() ? "" : ("; INCONCLUSIVE here: " + cannot).c_str());
  }
  if (!loaded.problems.empty()) return after_output(complain(loaded.problems));
  return after_output(impossible ? kExitInconclusive : kExitPass);
}

}  // namespace halfopen
