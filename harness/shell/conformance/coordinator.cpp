#include "harness/shell/conformance/coordinator.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <deque>
#include <memory>
#include <thread>
#include <utility>

#include "harness/model/conformance/cases.hpp"
#include "harness/model/conformance/comparison.hpp"
#include "harness/model/conformance/left_out.hpp"
#include "harness/model/conformance/table.hpp"
#include "harness/shell/conformance/junit.hpp"
#include "harness/shell/conformance/worker_process.hpp"
#include "harness/shell/exit_code.hpp"
#include "harness/shell/progress.hpp"
#include "harness/shell/run_directory.hpp"

namespace halfopen::conformance {
namespace {

namespace asio = boost::asio;

// Cases wait nearly all of their time.
constexpr unsigned kJobsPerCore = 10;
constexpr auto kRedraw = std::chrono::milliseconds(200);

// One case in one world, once.
struct Play {
  const Case* test = nullptr;
  WorldKind world = WorldKind::kProxy;
  unsigned repetition = 1;
  std::unique_ptr<WorkerProcess> worker;
  Observation observation;
  bool is_over = false;
  bool tried_alone = false;

  [[nodiscard]] std::string name() const {
    return test->id + "-" + std::string(to_text(world)) + "-" + std::to_string(repetition);
  }
};

class Coordinator {
 public:
  Coordinator(const Settings& settings, std::vector<const Case*> cases, std::string directory)
      : settings_(settings),
        cases_(std::move(cases)),
        directory_(std::move(directory)),
        jobs_(settings.jobs != 0
                  ? settings.jobs
                  : kJobsPerCore * std::max(1U, std::thread::hardware_concurrency())),
        signals_(context_, SIGINT, SIGTERM),
        redraw_(context_),
        progress_(::isatty(STDOUT_FILENO) != 0,
                  cases_.size() * settings.worlds.size() * settings.repetitions) {}

  int run() {
    queue_all();
    signals_.async_wait([this](boost::system::error_code error, int) {
      if (!error) interrupt();
    });
    draw();
    admit();
    context_.run();
    progress_.clear();
    if (!interrupted_) return report();
    std::fprintf(stderr,
                 "halfopen: interrupted; every process and namespace of the cases is gone. What "
                 "was written is in %s\n",
                 directory_.c_str());
    return kExitInterrupted;
  }

 private:
  void queue_all() {
    for (unsigned repetition = 1; repetition <= settings_.repetitions; ++repetition) {
      for (const Case* test : cases_) {
        for (const WorldKind world : settings_.worlds) {
          plays_.push_back(std::make_unique<Play>());
          Play& play = *plays_.back();
          play.test = test;
          play.world = world;
          play.repetition = repetition;
          // What measures milliseconds shares the machine with nobody.
          (test->ladder ? alone_ : waiting_).push_back(&play);
        }
      }
    }
  }

  void admit() {
    while (!interrupted_ && !waiting_.empty() && running_.size() < jobs_) {
      Play* play = waiting_.front();
      waiting_.pop_front();
      start(*play);
    }
    if (running_.empty() && !alone_.empty() && !interrupted_) {
      Play* play = alone_.front();
      alone_.pop_front();
      start(*play);
    }
    if (running_.empty()) {
      redraw_.cancel();
      signals_.cancel();
    }
  }

  void start(Play& play) {
    running_.push_back(&play);
    WorkerProcess::Settings worker;
    worker.case_id = play.test->id;
    worker.world = play.world;
    worker.directory = directory_ + "/" + play.name() + (play.tried_alone ? "-again" : "");
    worker.at_most = longest_possible(*play.test);
    play.worker = std::make_unique<WorkerProcess>(context_, worker);
    play.worker->start([this, &play](Observation observation) {
      play.observation = std::move(observation);
      on_end(play);
    });
  }

  void on_end(Play& play) {
    running_.erase(std::find(running_.begin(), running_.end(), &play));
    if (interrupted_) {
      if (running_.empty()) context_.stop();
      return;
    }
    if (play.observation.status == Observation::Status::kStalled && !play.tried_alone) {
      play.tried_alone = true;
      progress_.print("again, alone: " + play.name() + " (" + play.observation.reason + ")");
      alone_.push_back(&play);
    } else {
      play.is_over = true;
      ++done_;
      say_result(play);
    }
    admit();
  }

  // When the last world of a case is over.
  void say_result(const Play& ended) {
    std::vector<Seen> seen;
    for (const auto& play : plays_) {
      if (play->test != ended.test || play->repetition != ended.repetition) continue;
      if (!play->is_over) return;
      seen.push_back({std::string(to_text(play->world)), play->observation});
    }
    progress_.print(progress_line(*ended.test, compare(*ended.test, seen), ended.repetition));
  }

  void draw() {
    if (!running_.empty() || !waiting_.empty() || !alone_.empty()) {
      std::vector<RunningLine> lines;
      for (const Play* play : running_) {
        lines.push_back(
            {play->test->id, std::string(to_text(play->world)), play->worker->seconds_so_far()});
      }
      progress_.draw(lines, done_, std::nullopt);
    }
    redraw_.expires_after(kRedraw);
    redraw_.async_wait([this](boost::system::error_code error) {
      if (!error) draw();
    });
  }

  void interrupt() {
    interrupted_ = true;
    for (Play* play : running_)
      play->worker->kill();
    redraw_.cancel();
    if (running_.empty()) context_.stop();
  }

  [[nodiscard]] std::vector<Comparison> comparisons_of(const Case& test) const {
    std::vector<Comparison> comparisons;
    for (unsigned repetition = 1; repetition <= settings_.repetitions; ++repetition) {
      std::vector<Seen> seen;
      for (const auto& play : plays_) {
        if (play->test != &test || play->repetition != repetition) continue;
        seen.push_back({std::string(to_text(play->world)), play->observation});
      }
      comparisons.push_back(compare(test, seen));
    }
    return comparisons;
  }

  int report() {
    std::vector<CaseResults> all;
    for (const Case* test : cases_)
      all.push_back({test, comparisons_of(*test)});
    print(all);
    if (!settings_.junit_path.empty()) {
      const auto written = write_text_file(settings_.junit_path, junit_xml(all));
      if (written.has_error()) {
        std::fprintf(stderr, "halfopen conformance: --junit: %s\n", written.error().text.c_str());
        return kExitBadInput;
      }
    }
    return after_output(exit_status(all));
  }

  void print(const std::vector<CaseResults>& all) {
    Counts counts;
    counts.cases = cases_.size();
    counts.repetitions = settings_.repetitions;
    std::string changes;
    std::printf("\n");
    for (const CaseResults& results : all) {
      std::printf("%s\n", repeated_table(*results.test, results.repetitions).c_str());
      const Repeated repeated = combine(results.repetitions);
      counts.agree += repeated.worst == Agreement::kAgree ? 1 : 0;
      counts.disagree += repeated.worst == Agreement::kDisagree ? 1 : 0;
      counts.inconclusive += repeated.worst == Agreement::kInconclusive ? 1 : 0;
      counts.changes += repeated.changed ? 1 : 0;
      if (repeated.changed) {
        changes += "    " + changes_of(*results.test, results.repetitions) + "\n";
      }
    }
    std::printf("%s\n", left_out_text().c_str());
    if (!changes.empty()) std::printf("Verdicts that changed:\n%s\n", changes.c_str());
    std::printf("Logs and rules: %s\n%s\n", directory_.c_str(), counts_line(counts).c_str());
  }

  static int exit_status(const std::vector<CaseResults>& all) {
    bool is_internal = false;
    bool fails = false;
    bool is_unsure = false;
    for (const CaseResults& results : all) {
      const Repeated repeated = combine(results.repetitions);
      fails = fails || repeated.worst == Agreement::kDisagree || repeated.changed;
      is_unsure = is_unsure || repeated.worst == Agreement::kInconclusive;
      for (const Comparison& comparison : results.repetitions)
        is_internal = is_internal || comparison.is_internal;
    }
    if (is_internal) return kExitInternal;
    if (fails) return kExitFail;
    return is_unsure ? kExitInconclusive : kExitPass;
  }

  const Settings& settings_;
  std::vector<const Case*> cases_;
  std::string directory_;
  std::size_t jobs_;
  asio::io_context context_{1};
  asio::signal_set signals_;
  asio::steady_timer redraw_;
  Progress progress_;
  std::vector<std::unique_ptr<Play>> plays_;
  std::deque<Play*> waiting_;
  std::deque<Play*> alone_;
  std::vector<Play*> running_;
  std::size_t done_ = 0;
  bool interrupted_ = false;
};

}  // namespace

int run(const Settings& settings) {
  if (settings.list_only && settings.globs.empty()) {
    std::vector<const Case*> all;
    for (const Case& test : all_cases())
      all.push_back(&test);
    std::printf("%s", list_of(all).c_str());
    return after_output(kExitPass);
  }
  const auto cases = select_cases(settings.globs);
  if (cases.has_error()) {
    std::fprintf(stderr, "halfopen conformance: %s\n", cases.error().text.c_str());
    return kExitBadInput;
  }
  if (settings.list_only) {
    std::printf("%s", list_of(*cases).c_str());
    return after_output(kExitPass);
  }
  const auto directory = make_run_directory(settings.directory);
  if (directory.has_error()) {
    std::fprintf(stderr, "halfopen conformance: %s\n", directory.error().text.c_str());
    return kExitBadInput;
  }
  if (!settings.junit_path.empty()) {
    // Now, and not after minutes of cases.
    if (const auto writable = write_text_file(settings.junit_path, ""); writable.has_error()) {
      std::fprintf(stderr, "halfopen conformance: --junit: %s\n", writable.error().text.c_str());
      return kExitBadInput;
    }
  }
  return Coordinator(settings, *cases, *directory).run();
}

}  // namespace halfopen::conformance
