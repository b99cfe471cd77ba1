#include "harness/shell/step_runner.hpp"

#include <signal.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cmath>
#include <optional>
#include <utility>

#include "base/duration_text.hpp"
#include "base/printable_text.hpp"
#include "harness/model/judge_window.hpp"
#include "harness/shell/http_client.hpp"
#include "harness/shell/last_words.hpp"
#include "harness/shell/network_change.hpp"
#include "harness/shell/run_directory.hpp"
#include "metrics/clock.hpp"

// Coroutines cannot use HALFOPEN_TRY (it returns): this is the same for co_return.
#define HALFOPEN_CO_TRY(...)                                                     \
  do {                                                                           \
    auto co_try_outcome = (__VA_ARGS__);                                         \
    if (co_try_outcome.has_error()) co_return std::move(co_try_outcome).error(); \
  } while (false)

namespace halfopen {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kReadyMax = seconds(10);
constexpr Duration kCallMax = seconds(5);
constexpr Duration kEndMax = milliseconds(1500);
constexpr Duration kPollInterval = milliseconds(20);
constexpr std::size_t kAnswerShown = 400;

Trouble trouble(Trouble::Kind kind, const std::string& text) {
  return Trouble{kind, text};
}

}  // namespace

StepRunner::StepRunner(asio::io_context& context, const Scenario& scenario, RunRecord& record,
                       Surroundings surroundings, StepListener listener)
    : context_(context),
      scenario_(scenario),
      record_(record),
      world_(surroundings.world),
      namespaces_(surroundings.namespaces),
      log_(surroundings.log),
      directory_(std::move(surroundings.directory)),
      observers_(std::move(surroundings.observers)),
      action_listener_(std::move(surroundings.action_listener)),
      listener_(std::move(listener)) {
  for (ProcessSpec& spec : world_.processes()) {
    auto running = std::make_unique<Running>();
    running->spec = std::move(spec);
    by_name_[running->spec.name] = running.get();
    processes_.push_back(std::move(running));
  }
}

asio::awaitable<StepRunner::Outcome> StepRunner::run() {
  record_.whole.begin = monotonic_now();
  record_.wall_offset =
      Duration{std::llround(wall_seconds() * 1e9) - record_.whole.begin.nanoseconds()};
  Outcome outcome = co_await start_all();
  if (outcome.has_value()) {
    scraper_ = std::make_unique<Scraper>(context_, record_, scrape_targets(),
                                         scenario_.scrape_interval, std::move(observers_));
    asio::co_spawn(context_, scraper_->run(), asio::detached);
    outcome = co_await run_steps();
    if (outcome.has_value()) {
      const Instant end = end_of_windows();
      const Instant now = monotonic_now();
      if (end > now) co_await pause(end - now);
      co_await scraper_->next_round();
      outcome = all_alive();
    }
    scraper_->stop();
  }
  record_.whole.end = monotonic_now();
  if (!record_.steps.empty()) record_.steps.back().span.end = record_.whole.end;
  co_return outcome;
}

asio::awaitable<StepRunner::Outcome> StepRunner::start_all() {
  for (const auto& running : processes_)
    HALFOPEN_CO_TRY(co_await start(*running));
  co_return true;
}

StepRunner::Outcome StepRunner::write_configuration(const ProcessSpec& spec) const {
  if (spec.config_path.empty()) return true;
  const auto written = write_text_file(directory_ + "/" + spec.config_path, spec.config_text);
  if (written.has_error()) return trouble(Trouble::Kind::kBadInput, written.error().text);
  return true;
}

asio::awaitable<StepRunner::Outcome> StepRunner::start(Running& running) {
  const ProcessSpec& spec = running.spec;
  HALFOPEN_CO_TRY(write_configuration(spec));
  const auto executable = find_executable(spec.argv.front());
  if (executable.has_error()) {
    co_return trouble(Trouble::Kind::kBadInput, spec.name + ": " + executable.error().text);
  }
  LaunchSettings settings;
  settings.executable = *executable;
  settings.arguments.assign(spec.argv.begin() + 1, spec.argv.end());
  settings.directory = directory_;
  settings.log_path = directory_ + "/" + spec.name + ".log";
  settings.network_admin = spec.network_admin;
  settings.network_namespace = namespaces_.descriptor(spec.network_namespace);
  running.exit_text.clear();
  auto process = Process::launch(context_, settings, [this, &running](ProcessExit exit) {
    running.exit_text = exit.text();
    running.exit_code = exit.code;
    log_.write("process_exited", {{"node", running.spec.name}, {"how", exit.text()}});
  });
  if (process.has_error()) {
    co_return trouble(Trouble::Kind::kBadInput, spec.name + ": " + process.error().text);
  }
  running.process = std::move(*process);
  running.expected_to_run = true;
  log_.write("process_started", {{"node", spec.name}, {"pid", running.process->pid()}});
  co_return co_await wait_ready(running);
}

asio::awaitable<StepRunner::Outcome> StepRunner::wait_ready(Running& running) {
  const ProcessSpec& spec = running.spec;
  if (spec.ready_path.empty()) co_return true;
  const Instant deadline = monotonic_now() + kReadyMax;
  HttpClient client(context_, spec.http, namespaces_.descriptor(spec.network_namespace));
  while (monotonic_now() < deadline) {
    if (!running.process->running()) {
      const auto kind =
          running.exit_code == 64 ? Trouble::Kind::kBadInput : Trouble::Kind::kInconclusive;
      co_return trouble(kind, spec.name + " " + running.exit_text +
                                  " before it was ready; it said: " + last_words_of(spec.name));
    }
    const auto reply = co_await client.request("GET", spec.ready_path, "", milliseconds(500));
    if (reply.has_value() && reply->status == 200) co_return took_all(spec);
    co_await pause(kPollInterval);
  }
  co_return trouble(Trouble::Kind::kInconclusive, spec.name + " did not answer GET " +
                                                      spec.ready_path + " at " + spec.http +
                                                      " within " + format_duration(kReadyMax) +
                                                      "; it said: " + last_words_of(spec.name));
}

StepRunner::Outcome StepRunner::took_all(const ProcessSpec& spec) const {
  if (spec.refusal.empty()) return true;
  const std::string said = first_line_with(directory_ + "/" + spec.name + ".log", spec.refusal);
  if (said.empty()) return true;
  return trouble(Trouble::Kind::kInconclusive,
                 spec.name + " refused a part of what the scenario asks for; it said: " + said);
}

asio::awaitable<StepRunner::Outcome> StepRunner::run_steps() {
  bool is_first = true;
  for (const Step& step : scenario_.steps) {
    const Instant begin = monotonic_now();
    if (!record_.steps.empty()) record_.steps.back().span.end = begin;
    record_.steps.push_back({step.id, {begin, begin}});
    log_.write("step_started", {{"step", step.id}});
    listener_(step.id);
    HALFOPEN_CO_TRY(co_await run_step(step, is_first));
    log_.write("step_ended", {{"step", step.id}});
    HALFOPEN_CO_TRY(all_alive());
    is_first = false;
  }
  co_return true;
}

asio::awaitable<StepRunner::Outcome> StepRunner::run_step(const Step& step, bool is_first) {
  if (const auto* wait = std::get_if<WaitUntil>(&step.action)) {
    co_return co_await wait_until(*wait, step, is_first);
  }
  if (const auto* idle = std::get_if<IdleFor>(&step.action)) {
    co_await pause(idle->duration);
    co_return true;
  }
  if (const auto* votes = std::get_if<CastVotes>(&step.action)) {
    co_return co_await cast(*votes, step);
  }
  if (const auto* all = std::get_if<Heal>(&step.action)) co_return co_await heal(*all, step);
  co_return co_await operate(step.action, step);
}

// Waits until all has been well for a second on end: what was resent must arrive before the run
// ends. That it never is so is for the expectation `liveness` to say.
asio::awaitable<StepRunner::Outcome> StepRunner::heal(const Heal& heal, const Step& step) {
  HALFOPEN_CO_TRY(co_await operate(step.action, step));
  const Instant deadline = monotonic_now() + heal.within;
  std::optional<Instant> well_since;
  do {
    co_await scraper_->next_round();
    const auto truth = hear_now(heal.condition);
    const Instant now = monotonic_now();
    if (truth.has_error() || !truth->holds) {
      well_since.reset();
    } else if (!well_since) {
      well_since = now;
    } else if (now - *well_since >= kSettled) {
      co_return true;
    }
    HALFOPEN_CO_TRY(all_alive());
  } while (monotonic_now() < deadline);
  co_return true;
}

// At the newest scrape. A node that should answer and does not keeps a condition from holding, or
// the survivors would end the wait.
Result<Hearing> StepRunner::hear_now(const Expression& condition) const {
  return hear(condition, SilenceWatch(condition, record_.samples), record_.samples,
              record_.scrape_times.back(), evaluation_settings(record_));
}

asio::awaitable<StepRunner::Outcome> StepRunner::wait_until(const WaitUntil& wait, const Step& step,
                                                            bool is_first) {
  const Instant deadline = monotonic_now() + wait.within;
  std::string seen = "nothing was scraped";
  do {
    co_await scraper_->next_round();
    const auto truth = hear_now(wait.condition);
    if (truth.has_error()) {
      seen = truth.error().text;
    } else {
      if (truth->holds) co_return true;
      seen = truth->seen;
    }
    HALFOPEN_CO_TRY(all_alive());
  } while (monotonic_now() < deadline);
  co_return trouble(is_first ? Trouble::Kind::kInconclusive : Trouble::Kind::kFailed,
                    step.mark.text() + ": step " + step.id + ": " + wait.condition.text() +
                        " did not hold within " + format_duration(wait.within) +
                        (is_first ? ": the steady state never came" : "") + "; last seen: " + seen);
}

asio::awaitable<StepRunner::Outcome> StepRunner::cast(const CastVotes& cast, const Step& step) {
  const auto target = world_.cast(cast.node);
  if (target.has_error()) {
    co_return trouble(Trouble::Kind::kBadInput, step.mark.text() + ": " + target.error().text);
  }
  const Instant first = monotonic_now();
  for (unsigned index = 0; index < cast.count; ++index) {
    const Instant due = first + index * cast.every;
    const Instant now = monotonic_now();
    if (due > now) co_await pause(due - now);
    HALFOPEN_CO_TRY(co_await call(*target, "cast a vote at " + cast.node));
  }
  co_return true;
}

asio::awaitable<StepRunner::Outcome> StepRunner::operate(const StepAction& action,
                                                         const Step& step) {
  const auto operations = world_.carry_out(action);
  if (operations.has_error()) {
    co_return trouble(Trouble::Kind::kInconclusive,
                      step.mark.text() + ": " + operations.error().text);
  }
  if (action_listener_) action_listener_(action, false);
  for (const Operation& operation : *operations) {
    // nft(8) blocks this thread for milliseconds. A node with forty links takes forty of them, and
    // the heartbeat must not take that for a machine that stalls. Nothing else gives way: who
    // counts must hear of a change before it looks at what it left.
    const bool is_first = &operation == &operations->front();
    if (!is_first && std::holds_alternative<LoadRules>(operation)) {
      co_await asio::post(context_, asio::use_awaitable);
    }
    HALFOPEN_CO_TRY(co_await carry_out(operation, step));
  }
  if (action_listener_) action_listener_(action, true);
  co_return true;
}

asio::awaitable<StepRunner::Outcome> StepRunner::carry_out(const Operation& operation,
                                                           const Step& step) {
  if (const auto* http = std::get_if<HttpCall>(&operation)) {
    co_return co_await call(*http, "step " + step.id);
  }
  if (const auto* wait = std::get_if<Pause>(&operation)) {
    co_await pause(wait->duration);
    co_return true;
  }
  if (const auto* end = std::get_if<EndProcess>(&operation)) {
    Running& running = *by_name_.at(end->name);
    running.expected_to_run = false;
    running.process->send_signal(end->graceful ? SIGTERM : SIGKILL);
    if (co_await running.process->wait_exit(kCallMax)) co_return true;
    running.process->send_signal(SIGKILL);
    co_return trouble(
        Trouble::Kind::kFailed,
        step.mark.text() + ": " + end->name + " did not end within " + format_duration(kCallMax));
  }
  if (const auto* again = std::get_if<StartProcess>(&operation)) {
    co_return co_await start(*by_name_.at(again->name));
  }
  const auto done = change_network(operation, namespaces_);
  if (done.has_error()) {
    co_return trouble(Trouble::Kind::kInconclusive, step.mark.text() + ": " + done.error().text);
  }
  co_return true;
}

asio::awaitable<StepRunner::Outcome> StepRunner::call(const HttpCall& call,
                                                      const std::string& what) {
  HttpClient client(context_, call.to, namespaces_.descriptor(call.network_namespace));
  const auto reply = co_await client.request(call.method, call.path, call.body, kCallMax);
  if (reply.has_error()) {
    co_return trouble(Trouble::Kind::kInconclusive, what + ": " + reply.error().text);
  }
  if (reply->status >= 200 && reply->status < 300) co_return true;
  // 501: the machine cannot; 4xx: the scenario asks for something that does not exist.
  const auto kind = reply->status >= 500 ? Trouble::Kind::kInconclusive : Trouble::Kind::kBadInput;
  std::string body = reply->body;
  while (!body.empty() && body.back() == '\n')
    body.pop_back();
  body = printable(body, kAnswerShown);
  co_return trouble(kind, what + ": " + call.method + " " + call.path + " was answered " +
                              std::to_string(reply->status) + " " + body);
}

asio::awaitable<void> StepRunner::pause(Duration duration) {
  asio::steady_timer timer(context_, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<void> StepRunner::end_processes() {
  for (auto running = processes_.rbegin(); running != processes_.rend(); ++running) {
    if ((*running)->process == nullptr || (*running)->spec.name == "fault-proxy") continue;
    (*running)->expected_to_run = false;
    (*running)->process->send_signal(SIGTERM);
  }
  // Nodes end side by side; the proxy goes last, or its own end would be one more fault.
  for (auto running = processes_.rbegin(); running != processes_.rend(); ++running) {
    if ((*running)->process == nullptr) continue;
    (*running)->expected_to_run = false;
    if ((*running)->spec.name == "fault-proxy") (*running)->process->send_signal(SIGTERM);
    if (!co_await (*running)->process->wait_exit(kEndMax)) {
      (*running)->process->send_signal(SIGKILL);
      (void)co_await (*running)->process->wait_exit(kEndMax);
    }
  }
}

std::vector<KeptProcess> StepRunner::kept_processes() const {
  std::vector<KeptProcess> kept;
  for (const auto& running : processes_) {
    if (running->process == nullptr || !running->process->running()) continue;
    kept.push_back({running->spec.name, running->process->pid(), running->spec.http,
                    !running->spec.network_namespace.empty()});
  }
  return kept;
}

std::vector<ScrapeTarget> StepRunner::scrape_targets() {
  std::vector<ScrapeTarget> targets;
  for (const auto& running : processes_) {
    targets.push_back({running->spec.name, running->spec.http,
                       [state = running.get()] {
                         return state->process != nullptr && state->process->running()
                                    ? state->process->pid()
                                    : 0;
                       },
                       namespaces_.descriptor(running->spec.network_namespace)});
  }
  return targets;
}

StepRunner::Outcome StepRunner::all_alive() const {
  for (const auto& running : processes_) {
    if (running->process == nullptr || !running->expected_to_run || running->process->running()) {
      continue;
    }
    return trouble(Trouble::Kind::kFailed,
                   running->spec.name + " " + running->exit_text +
                       " in mid-run; it said: " + last_words_of(running->spec.name));
  }
  return true;
}

std::string StepRunner::last_words_of(const std::string& name) const {
  return last_words(directory_ + "/" + name + ".log");
}

Instant StepRunner::end_of_windows() const {
  Instant end = monotonic_now();
  for (const Expectation& expectation : scenario_.expectations) {
    const Window& window = expectation.window;
    if (!window.within) continue;
    const std::string& id = window.since.empty() ? window.during : window.since;
    for (const StepSpan& step : record_.steps) {
      if (step.id == id) end = std::max(end, step.span.begin + *window.within);
    }
  }
  return end;
}

}  // namespace halfopen
