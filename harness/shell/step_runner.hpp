// Carries a scenario's steps out, one after another, in a run's own namespace: processes, calls to
// the world, votes, waits. What happens is recorded; nothing is judged.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "harness/model/judge_silence.hpp"
#include "harness/model/record.hpp"
#include "harness/model/scenario.hpp"
#include "harness/shell/kept_lab.hpp"
#include "harness/shell/network_namespaces.hpp"
#include "harness/shell/process.hpp"
#include "harness/shell/scraper.hpp"
#include "harness/worlds/world.hpp"
#include "metrics/event_log.hpp"

namespace halfopen {

// Why a run could not be carried out to its end.
struct Trouble {
  enum class Kind {
    kBadInput,      // a program or configuration of the scenario cannot work
    kInconclusive,  // the steady state never came, a fault could not be produced
    kFailed,        // a later wait_until ended without its condition
  };
  Kind kind = Kind::kInconclusive;
  std::string text;
};

class StepRunner {
 public:
  // Told when a step begins, for progress.
  using StepListener = std::function<void(const std::string& step_id)>;
  // Told when a step that changes the world begins, and again once it has been carried out.
  using ActionListener = std::function<void(const StepAction& action, bool is_over)>;

  // What a run is made of besides its scenario and its record; all of it outlives the runner.
  struct Surroundings {
    const World& world;
    NetworkNamespaces& namespaces;
    EventLog& log;
    std::string directory;
    std::vector<Scraper::Observer> observers;
    ActionListener action_listener;  // may be empty
  };

  StepRunner(boost::asio::io_context& context, const Scenario& scenario, RunRecord& record,
             Surroundings surroundings, StepListener listener);

  // Starts the processes, runs the steps, then waits until the last expectation's window is over.
  // Sets record.steps and record.whole. Throws nothing; answers what went wrong.
  [[nodiscard]] boost::asio::awaitable<Result<bool, Trouble>> run();
  // SIGTERM in reverse order of the start, SIGKILL to whoever is left after a while.
  [[nodiscard]] boost::asio::awaitable<void> end_processes();
  // Those that are up.
  [[nodiscard]] std::vector<KeptProcess> kept_processes() const;

 private:
  struct Running {
    ProcessSpec spec;
    std::unique_ptr<Process> process;
    std::string exit_text;  // how it ended, when it did
    int exit_code = 0;
    bool expected_to_run = false;
  };
  using Outcome = Result<bool, Trouble>;

  boost::asio::awaitable<Outcome> start_all();
  boost::asio::awaitable<Outcome> start(Running& running);
  boost::asio::awaitable<Outcome> wait_ready(Running& running);
  boost::asio::awaitable<Outcome> run_steps();
  boost::asio::awaitable<Outcome> run_step(const Step& step, bool is_first);
  [[nodiscard]] Result<Hearing> hear_now(const Expression& condition) const;
  boost::asio::awaitable<Outcome> wait_until(const WaitUntil& wait, const Step& step,
                                             bool is_first);
  boost::asio::awaitable<Outcome> heal(const Heal& heal, const Step& step);
  boost::asio::awaitable<Outcome> cast(const CastVotes& cast, const Step& step);
  boost::asio::awaitable<Outcome> operate(const StepAction& action, const Step& step);
  // Of a process that is ready: whether it became all that its configuration says.
  [[nodiscard]] Outcome took_all(const ProcessSpec& spec) const;
  boost::asio::awaitable<Outcome> call(const HttpCall& call, const std::string& what);
  boost::asio::awaitable<void> pause(Duration duration);
  boost::asio::awaitable<Outcome> carry_out(const Operation& operation, const Step& step);
  [[nodiscard]] Outcome write_configuration(const ProcessSpec& spec) const;
  [[nodiscard]] std::vector<ScrapeTarget> scrape_targets();
  [[nodiscard]] Outcome all_alive() const;
  [[nodiscard]] std::string last_words_of(const std::string& name) const;
  [[nodiscard]] Instant end_of_windows() const;

  boost::asio::io_context& context_;
  const Scenario& scenario_;
  RunRecord& record_;
  const World& world_;
  NetworkNamespaces& namespaces_;
  EventLog& log_;
  std::string directory_;
  std::vector<Scraper::Observer> observers_;
  ActionListener action_listener_;
  StepListener listener_;
  std::vector<std::unique_ptr<Running>> processes_;
  std::map<std::string, Running*> by_name_;
  std::unique_ptr<Scraper> scraper_;
};

}  // namespace halfopen
