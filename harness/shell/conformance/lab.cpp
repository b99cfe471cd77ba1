#include "harness/shell/conformance/lab.hpp"

#include <signal.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>

#include "base/printable_text.hpp"
#include "harness/shell/event_reader.hpp"
#include "harness/shell/http_client.hpp"
#include "harness/shell/network_change.hpp"
#include "harness/shell/run_directory.hpp"
#include "metrics/clock.hpp"

namespace halfopen::conformance {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kReadyMax = seconds(10);
constexpr Duration kCallMax = seconds(5);
constexpr Duration kEndMax = seconds(2);
constexpr Duration kPollInterval = milliseconds(10);
constexpr std::size_t kAnswerShown = 400;
constexpr const char* kSampleInterval = "fault_proxy_nat_sample_interval_seconds";

}  // namespace

asio::awaitable<void> wait_for(asio::io_context& context, Duration duration) {
  asio::steady_timer timer(context, duration);
  co_await timer.async_wait(asio::use_awaitable);
}

asio::awaitable<Result<void>> Lab::start() {
  for (ProcessSpec& spec : world_.processes()) {
    running_.push_back(std::make_unique<Running>());
    running_.back()->spec = std::move(spec);
    const auto started = co_await start(*running_.back());
    if (started.has_error()) co_return started.error();
  }
  co_return Result<void>{};
}

asio::awaitable<Result<void>> Lab::start(Running& running) {
  const ProcessSpec& spec = running.spec;
  if (!spec.config_path.empty()) {
    const auto written = write_text_file(directory_ + "/" + spec.config_path, spec.config_text);
    if (written.has_error()) co_return written.error();
  }
  const auto executable = find_executable(spec.argv.front());
  if (executable.has_error()) co_return executable.error();
  LaunchSettings settings;
  settings.executable = *executable;
  settings.arguments.assign(spec.argv.begin() + 1, spec.argv.end());
  settings.directory = directory_;
  settings.log_path = directory_ + "/" + spec.name + ".log";
  settings.network_admin = spec.network_admin;
  settings.network_namespace = namespaces_.descriptor(spec.network_namespace);
  auto process = Process::launch(context_, settings,
                                 [&running](ProcessExit exit) { running.exit_text = exit.text(); });
  if (process.has_error()) co_return process.error();
  running.process = std::move(*process);
  HttpClient client(context_, spec.http, namespaces_.descriptor(spec.network_namespace));
  const Instant deadline = monotonic_now() + kReadyMax;
  while (running.exit_text.empty() && monotonic_now() < deadline) {
    const auto reply = co_await client.request("GET", spec.ready_path, "", kCallMax);
    if (reply.has_value() && reply->status == 200) co_return Result<void>{};
    co_await wait_for(context_, kPollInterval);
  }
  co_return Problem{
      spec.name, " ",
      running.exit_text.empty() ? std::string("did not answer in time") : running.exit_text,
      "; see ", settings.log_path};
}

asio::awaitable<Result<void>> Lab::call(HttpCall call) {
  HttpClient client(context_, call.to, namespaces_.descriptor(call.network_namespace));
  const auto reply = co_await client.request(call.method, call.path, call.body, kCallMax);
  if (reply.has_error()) co_return reply.error();
  if (reply->status >= 200 && reply->status < 300) co_return Result<void>{};
  std::string body = reply->body;
  while (!body.empty() && body.back() == '\n')
    body.pop_back();
  body = printable(body, kAnswerShown);
  co_return Problem{call.method, " ", call.path, " was answered ", std::to_string(reply->status),
                    " ",         body};
}

asio::awaitable<Result<void>> Lab::carry_out(StepAction action, Hooks hooks) {
  const auto operations = world_.carry_out(action);
  if (operations.has_error()) co_return operations.error();
  for (const Operation& operation : *operations) {
    Result<void> done;
    if (const auto* http = std::get_if<HttpCall>(&operation)) {
      done = co_await call(*http);
    } else if (const auto* pause = std::get_if<Pause>(&operation)) {
      hooks.pause_begins();
      co_await wait_for(context_, pause->duration);
    } else if (std::holds_alternative<EndProcess>(operation)) {
      done = hooks.end_machine();
    } else if (std::holds_alternative<StartProcess>(operation)) {
      done = hooks.start_machine();
    } else {
      done = change_network(operation, namespaces_);
    }
    if (done.has_error()) co_return done.error();
  }
  co_return Result<void>{};
}

asio::awaitable<void> Lab::end() {
  for (const auto& running : running_) {
    if (running->process == nullptr || !running->process->running()) continue;
    running->process->send_signal(SIGTERM);
    if (co_await running->process->wait_exit(kEndMax)) continue;
    running->process->send_signal(SIGKILL);
    (void)co_await running->process->wait_exit(kEndMax);
  }
}

asio::awaitable<Result<double>> Lab::sample_interval_seconds() {
  for (const auto& running : running_) {
    if (running->spec.http.empty()) continue;
    HttpClient client(context_, running->spec.http);
    const auto reply = co_await client.request("GET", "/metrics", "", kCallMax);
    if (reply.has_error()) co_return reply.error();
    std::size_t at = 0;
    while (at < reply->body.size()) {
      const std::size_t end = std::min(reply->body.find('\n', at), reply->body.size());
      const std::string line = reply->body.substr(at, end - at);
      at = end + 1;
      if (!line.starts_with(kSampleInterval)) continue;
      co_return std::strtod(line.substr(line.rfind(' ')).c_str(), nullptr);
    }
    co_return Problem{running->spec.name, " does not say ", kSampleInterval};
  }
  co_return 0.0;
}

std::string Lab::trouble() const {
  for (const auto& running : running_) {
    if (!running->exit_text.empty()) return running->spec.name + " " + running->exit_text;
    if (running->spec.events_path.empty()) continue;
    for (const Event& event :
         read_event_file(directory_ + "/" + running->spec.events_path).events) {
      if (event.event == "fault_failed") return "a fault did not bite: " + event.text("what");
    }
  }
  return "";
}

}  // namespace halfopen::conformance
