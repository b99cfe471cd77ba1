#include "harness/shell/process.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/detail/throw_error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/process/v2/process.hpp>
#include <boost/process/v2/start_dir.hpp>
#include <boost/process/v2/stdio.hpp>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>
#include <utility>

#include "harness/shell/namespace.hpp"

namespace halfopen {
namespace {

namespace asio = boost::asio;
namespace process_v2 = boost::process::v2;

// Runs in the child, between fork and exec.
struct ChildSetup {
  const LaunchSettings& settings;
  template <class Launcher>
  boost::system::error_code on_setup(Launcher& launcher, const process_v2::filesystem::path&,
                                     const char* const*&) const {
    launcher.fd_whitelist.insert(launcher.fd_whitelist.end(), settings.inherited.begin(),
                                 settings.inherited.end());
    return {};
  }
  template <class Launcher>
  boost::system::error_code on_exec_setup(Launcher&, const process_v2::filesystem::path&,
                                          const char* const*&) const {
    for (const int descriptor : settings.inherited) {
      if (::fcntl(descriptor, F_SETFD, 0) != 0) return last_error();
    }
    // First, since it takes the capabilities that are dropped next.
    if (settings.network_namespace >= 0 && ::setns(settings.network_namespace, CLONE_NEWNET) != 0) {
      return last_error();
    }
    if (!settings.network_admin) drop_ambient_capabilities();
    return {};
  }
  static boost::system::error_code last_error() {
    return {errno, boost::system::system_category()};
  }
};

}  // namespace

std::string ProcessExit::text() const {
  if (signal == 0) return "exited with status " + std::to_string(code);
  const char* abbreviation = sigabbrev_np(signal);
  return "was killed by SIG" + std::string(abbreviation != nullptr ? abbreviation : "?");
}

class Process::Implementation : public std::enable_shared_from_this<Implementation> {
 public:
  Implementation(asio::io_context& context, std::function<void(ProcessExit)> on_exit)
      : child(context), ended(context), on_exit_(std::move(on_exit)) {
    ended.expires_at(asio::steady_timer::time_point::max());
  }

  void watch() {
    child.async_wait([self = shared_from_this()](boost::system::error_code error, int) {
      if (error == asio::error::operation_aborted) return;
      self->on_end(self->child.native_exit_code());
    });
  }

  process_v2::process child;
  asio::steady_timer ended;  // cancelled at the end: wakes the waiters
  bool running = true;

 private:
  void on_end(int status) {
    running = false;
    ProcessExit exit;
    if (WIFSIGNALED(status)) {
      exit.signal = WTERMSIG(status);
    } else {
      exit.code = WEXITSTATUS(status);
    }
    ended.cancel();
    if (on_exit_) on_exit_(exit);
  }

  std::function<void(ProcessExit)> on_exit_;
};

Process::Process(std::shared_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}

Process::~Process() {
  implementation_->child.detach();
}

Result<std::unique_ptr<Process>> Process::launch(asio::io_context& context,
                                                 const LaunchSettings& settings,
                                                 std::function<void(ProcessExit)> on_exit) {
  const char* log_path = settings.on_terminal ? "/dev/null" : settings.log_path.c_str();
  const int log = ::open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0) return Problem{"cannot open ", settings.log_path, ": ", std::strerror(errno)};
  auto implementation = std::make_shared<Implementation>(context, std::move(on_exit));
  const int output = settings.output_descriptor >= 0 ? settings.output_descriptor : log;
  boost::system::error_code error;
  process_v2::default_process_launcher launcher;
  // Not const: the launcher passes over an initializer whose hooks it cannot call.
  auto streams = settings.on_terminal
                     ? process_v2::process_stdio{STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}
                     : process_v2::process_stdio{nullptr, output, log};
  implementation->child = launcher(
      context, error, process_v2::filesystem::path(settings.executable), settings.arguments,
      streams, process_v2::process_start_dir(settings.directory), ChildSetup{settings});
  ::close(log);
  if (error) return Problem{"cannot start ", settings.executable, ": ", error.message()};
  implementation->watch();
  return std::unique_ptr<Process>(new Process(std::move(implementation)));
}

int Process::pid() const {
  return implementation_->child.id();
}

bool Process::running() const {
  return implementation_->running;
}

void Process::send_signal(int signal) {
  if (running()) ::kill(pid(), signal);
}

asio::awaitable<bool> Process::wait_exit(Duration at_most) {
  auto implementation = implementation_;
  if (!implementation->running) co_return true;
  asio::steady_timer limit(co_await asio::this_coro::executor, at_most);
  limit.async_wait([implementation](boost::system::error_code error) {
    if (!error) implementation->ended.cancel();
  });
  boost::system::error_code ignored;
  co_await implementation->ended.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  co_return !implementation->running;
}

Result<bool> run_to_end(const LaunchSettings& settings) {
  asio::io_context context(1);
  ProcessExit how;
  auto process = Process::launch(context, settings, [&](ProcessExit exit) { how = exit; });
  if (process.has_error()) return process.error();
  context.run_for(std::chrono::seconds(10));
  const bool ended = !(*process)->running();
  if (!ended) (*process)->send_signal(SIGKILL);
  if (ended && how.signal == 0 && how.code == 0) return true;
  std::ifstream log(settings.log_path);
  const std::string said{std::istreambuf_iterator<char>(log), {}};
  return Problem{settings.executable, " ", ended ? how.text() : "did not end in time", ": ", said};
}

std::vector<bool> run_side_by_side(const std::vector<LaunchSettings>& commands) {
  asio::io_context context(1);
  std::vector<bool> good(commands.size());
  std::vector<std::unique_ptr<Process>> processes(commands.size());
  std::size_t next = 0;
  std::function<void()> start_next = [&] {
    while (next < commands.size()) {
      const std::size_t index = next++;
      auto process = Process::launch(context, commands[index], [&, index](ProcessExit how) {
        good[index] = how.signal == 0 && how.code == 0;
        start_next();
      });
      if (process.has_error()) continue;
      processes[index] = std::move(*process);
      return;
    }
  };
  const unsigned at_once = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < at_once; ++i)
    start_next();
  context.run_for(std::chrono::seconds(10));
  for (const auto& process : processes) {
    if (process) process->send_signal(SIGKILL);
  }
  return good;
}

void put_own_folder_into_path() {
  const std::string self = boost::filesystem::read_symlink("/proc/self/exe").string();
  const char* path = std::getenv("PATH");
  const std::string rest = path != nullptr ? path : "/usr/sbin:/sbin:/usr/bin:/bin";
  (void)::setenv("PATH", (self.substr(0, self.rfind('/')) + ":" + rest).c_str(), 1);
}

Result<std::string> find_executable(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (::access(name.c_str(), X_OK) == 0) return name;
    return Problem{"cannot run ", name, ": ", std::strerror(errno)};
  }
  const std::string self = boost::filesystem::read_symlink("/proc/self/exe").string();
  std::string folders = self.substr(0, self.rfind('/'));
  if (const char* path = std::getenv("PATH")) folders += std::string(":") + path;
  folders += ":/usr/sbin:/sbin:/usr/bin:/bin";
  std::size_t begin = 0;
  while (begin <= folders.size()) {
    std::size_t end = folders.find(':', begin);
    if (end == std::string::npos) end = folders.size();
    std::string candidate = folders.substr(begin, end - begin) + "/" + name;
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
    begin = end + 1;
  }
  return Problem{"there is no program \"", name, "\" beside halfopen or in PATH"};
}

}  // namespace halfopen
