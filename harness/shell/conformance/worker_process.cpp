#include "harness/shell/conformance/worker_process.hpp"

#include <signal.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/json/parse.hpp>
#include <utility>

#include "harness/shell/conformance/worker.hpp"
#include "harness/shell/run_directory.hpp"
#include "metrics/clock.hpp"

namespace halfopen::conformance {
namespace {

constexpr Duration kOverheadMax = std::chrono::seconds(60);

Result<Observation> read_observation(const std::string& directory) {
  HALFOPEN_TRY(text, read_text_file(directory + "/" + kObservationFile));
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  if (error || !value.is_object()) return Problem{"the observation is no JSON object"};
  return observation_from_json(value.as_object());
}

}  // namespace

WorkerProcess::WorkerProcess(boost::asio::io_context& context, Settings settings)
    : context_(context), settings_(std::move(settings)), begin_(monotonic_now()), limit_(context) {}

void WorkerProcess::start(std::function<void(Observation)> on_end) {
  on_end_ = std::move(on_end);
  begin_ = monotonic_now();
  const auto made = make_subdirectory(settings_.directory);
  if (made.has_error()) return fail(made.error().text);
  launch();
}

void WorkerProcess::launch() {
  LaunchSettings settings;
  settings.executable = "/proc/self/exe";
  settings.arguments = {"conformance-worker",
                        "--case",
                        settings_.case_id,
                        "--world",
                        std::string(to_text(settings_.world)),
                        "--directory",
                        settings_.directory,
                        "--parent",
                        std::to_string(::getpid())};
  settings.directory = settings_.directory;
  settings.log_path = settings_.directory + "/worker.log";
  settings.network_admin = true;
  auto process =
      Process::launch(context_, settings, [this](ProcessExit exit) { finish(exit.text()); });
  if (process.has_error()) return fail(process.error().text);
  process_ = std::move(*process);
  limit_.expires_after(settings_.at_most + kOverheadMax);
  limit_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    is_overdue_ = true;
    kill();
  });
}

void WorkerProcess::kill() {
  if (process_) process_->send_signal(SIGKILL);
}

double WorkerProcess::seconds_so_far() const {
  return to_seconds(monotonic_now() - begin_);
}

void WorkerProcess::finish(const std::string& how) {
  limit_.cancel();
  auto observation = read_observation(settings_.directory);
  if (observation.has_error()) {
    observation = Observation{};
    observation->status = Observation::Status::kInternal;
    observation->reason = is_overdue_ ? "the worker did not end in time"
                                      : "the worker " + how + " without an observation; see " +
                                            settings_.directory + "/worker.log";
  }
  const auto on_end = std::exchange(on_end_, nullptr);
  on_end(std::move(*observation));
}

void WorkerProcess::fail(const std::string& reason) {
  boost::asio::post(context_, [this, reason] {
    Observation observation;
    observation.status = Observation::Status::kInternal;
    observation.reason = reason;
    const auto on_end = std::exchange(on_end_, nullptr);
    on_end(std::move(observation));
  });
}

}  // namespace halfopen::conformance
