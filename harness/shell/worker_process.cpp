#include "harness/shell/worker_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/streambuf.hpp>
#include <cerrno>
#include <cstring>
#include <istream>
#include <optional>
#include <utility>

#include "base/duration_text.hpp"
#include "harness/shell/process.hpp"
#include "harness/shell/run_directory.hpp"
#include "harness/shell/worker_line.hpp"
#include "metrics/clock.hpp"

namespace halfopen {
namespace {

namespace asio = boost::asio;
using std::chrono::seconds;

constexpr std::size_t kLineBytesMax = 64UL * 1024 * 1024;
// Starting and ending processes, namespaces, reading events: generous, since it only bounds a hang.
constexpr Duration kOverheadMax = seconds(90);
constexpr Duration kStartMax = seconds(10);

struct StepBound {
  Duration operator()(const WaitUntil& wait) const { return wait.within; }
  Duration operator()(const IdleFor& idle) const { return idle.duration; }
  Duration operator()(const CastVotes& cast) const {
    return cast.count * (cast.every + seconds(5));
  }
  Duration operator()(const SetFault&) const { return seconds(5); }
  Duration operator()(const ClearFault&) const { return seconds(5); }
  Duration operator()(const RestartNode& restart) const { return restart.down + 2 * kStartMax; }
  Duration operator()(const StopNode&) const { return kStartMax; }
  Duration operator()(const FlushNat&) const { return seconds(5); }
  Duration operator()(const DestroyConnections&) const { return seconds(5); }
  Duration operator()(const Heal& heal) const {
    return heal.within + static_cast<int>(heal.faults.size()) * seconds(5) +
           static_cast<int>(heal.nodes.size()) * kStartMax;
  }
};

}  // namespace

Duration longest_possible(const Scenario& scenario) {
  Duration total = kOverheadMax + kStartMax * static_cast<int>(scenario.nodes.size() + 1);
  for (const Step& step : scenario.steps)
    total += std::visit(StepBound{}, step.action);
  Duration longest_window{};
  for (const Expectation& expectation : scenario.expectations) {
    if (expectation.window.within) {
      longest_window = std::max(longest_window, *expectation.window.within);
    }
  }
  return total + longest_window;
}

class WorkerProcess::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(asio::io_context& context, Settings settings)
      : context_(context),
        settings_(std::move(settings)),
        output_(context),
        limit_(context),
        begin_(monotonic_now()) {}

  void start(std::function<void(RunResult)> on_end, std::function<void(const KeptLab&)> on_kept) {
    on_end_ = std::move(on_end);
    on_kept_ = std::move(on_kept);
    const std::string text_path = settings_.directory + "/scenario.yaml";
    const auto made = make_subdirectory(settings_.directory);
    if (made.has_error()) {
      trouble_ = made.error().text;
      return finish_later();
    }
    const auto written = write_text_file(text_path, settings_.text);
    std::array<int, 2> pipe_ends{};
    if (written.has_error() || ::pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
      trouble_ = written.has_error() ? written.error().text : std::strerror(errno);
      return finish_later();
    }
    output_.assign(pipe_ends[0]);
    // Weak, since this owns the process: a callback that owned this too would free neither.
    auto process = Process::launch(context_, launch_settings(text_path, pipe_ends[1]),
                                   [weak = weak_from_this()](ProcessExit exit) {
                                     if (const auto self = weak.lock()) self->on_exit(exit);
                                   });
    ::close(pipe_ends[1]);
    if (process.has_error()) {
      trouble_ = process.error().text;
      return finish_later();
    }
    process_ = std::move(*process);
    limit_.expires_after(settings_.at_most);
    limit_.async_wait([self = shared_from_this()](boost::system::error_code error) {
      if (error) return;
      self->trouble_ = "the run did not end within " + format_duration(self->settings_.at_most);
      self->kill();
    });
    read();
  }

  void kill() {
    if (process_) process_->send_signal(SIGKILL);
  }

  std::string step = "starting";

  [[nodiscard]] double seconds_so_far() const { return to_seconds(monotonic_now() - begin_); }

 private:
  [[nodiscard]] LaunchSettings launch_settings(const std::string& text_path, int output) const {
    LaunchSettings launch;
    launch.executable = "/proc/self/exe";
    launch.arguments = {"worker",
                        "--text",
                        text_path,
                        "--name",
                        settings_.original_name,
                        "--index",
                        std::to_string(settings_.run_index),
                        "--directory",
                        settings_.directory,
                        "--parent",
                        std::to_string(::getpid()),
                        "--world",
                        std::string(to_text(settings_.world)),
                        "--seed",
                        std::to_string(settings_.seed)};
    if (settings_.keep) launch.arguments.emplace_back("--keep");
    if (!settings_.captures.empty()) {
      launch.arguments.insert(launch.arguments.end(), {"--pcap", settings_.captures});
    }
    for (const auto& [name, value] : settings_.variables) {
      launch.arguments.emplace_back("--var");
      launch.arguments.push_back(std::string(name).append("=").append(value));
    }
    launch.directory = settings_.directory;
    launch.log_path = settings_.directory + "/worker.log";
    launch.output_descriptor = output;
    launch.network_admin = true;
    return launch;
  }

  void read() {
    asio::async_read_until(output_, buffer_, '\n',
                           [self = shared_from_this()](boost::system::error_code error,
                                                       std::size_t) { self->on_line(error); });
  }

  void on_line(boost::system::error_code error) {
    if (error) {
      output_ended_ = true;
      if (error == asio::error::not_found) {  // the buffer is full, and no end of the line in it
        broken_line_ = "the worker wrote a line longer than " +
                       std::to_string(kLineBytesMax / 1024 / 1024) + " MiB";
        kill();
      }
      return maybe_finish();
    }
    std::istream stream(&buffer_);
    std::string line;
    std::getline(stream, line);
    const auto object = read_worker_line(line);
    if (object.has_value()) {
      take(*object);
    } else {
      broken_line_ = object.error().text;
    }
    read();
  }

  void take(const boost::json::object& line) {
    const auto* type = line.if_contains("type");
    if (type == nullptr || !type->is_string()) return;
    if (type->as_string() == "step") {
      if (const auto* id = line.if_contains("step"); id != nullptr && id->is_string()) {
        step = std::string(id->as_string());
      }
      return;
    }
    if (type->as_string() == "kept") return take_kept(line);
    auto result = run_result_from_json(line);
    if (result.has_value()) {
      result_ = std::move(*result);
    } else {
      trouble_ = result.error().text;
    }
  }

  void take_kept(const boost::json::object& line) {
    auto lab = kept_lab_from_json(line);
    if (lab.has_error()) {
      trouble_ = lab.error().text;
      return kill();
    }
    limit_.cancel();  // a person looks at it, for as long as that takes
    step = "kept";
    lab->result.run_id = settings_.run_id;
    lab->pid = first_child_of(process_->pid());
    result_ = lab->result;
    on_kept_(*lab);
  }

  void on_exit(ProcessExit exit) {
    exit_text_ = exit.text();
    exited_ = true;
    maybe_finish();
  }

  void finish_later() {
    exited_ = true;
    output_ended_ = true;
    asio::post(context_, [self = shared_from_this()] { self->maybe_finish(); });
  }

  // Both the last line and the exit have been seen, in whichever order they came.
  void maybe_finish() {
    if (!exited_ || !output_ended_ || !on_end_) return;
    limit_.cancel();
    if (!result_) {
      result_.emplace();
      result_->internal_error = true;
      if (trouble_.empty()) trouble_ = broken_line_;
      result_->reason = trouble_.empty() ? "the worker " + exit_text_ + " without a result; see " +
                                               settings_.directory + "/worker.log"
                                         : trouble_;
      result_->seconds = seconds_so_far();
    }
    if (!broken_line_.empty()) {
      result_->internal_error = true;
      if (result_->reason.empty()) result_->reason = broken_line_;
    }
    result_->run_id = settings_.run_id;
    const auto on_end = std::exchange(on_end_, nullptr);
    on_end(std::move(*result_));
  }

  asio::io_context& context_;
  Settings settings_;
  asio::posix::stream_descriptor output_;
  asio::steady_timer limit_;
  Instant begin_;
  asio::streambuf buffer_{kLineBytesMax};
  std::unique_ptr<Process> process_;
  std::function<void(RunResult)> on_end_;
  std::function<void(const KeptLab&)> on_kept_;
  std::optional<RunResult> result_;
  std::string trouble_;
  std::string broken_line_;  // what the worker wrote that nobody can read
  std::string exit_text_;
  bool exited_ = false;
  bool output_ended_ = false;
};

WorkerProcess::WorkerProcess(asio::io_context& context, Settings settings)
    : implementation_(std::make_shared<Implementation>(context, std::move(settings))) {}

WorkerProcess::~WorkerProcess() = default;

void WorkerProcess::start(std::function<void(RunResult)> on_end,
                          std::function<void(const KeptLab&)> on_kept) {
  implementation_->start(std::move(on_end), std::move(on_kept));
}

void WorkerProcess::kill() {
  implementation_->kill();
}

std::string WorkerProcess::step() const {
  return implementation_->step;
}

double WorkerProcess::seconds() const {
  return implementation_->seconds_so_far();
}

}  // namespace halfopen
