// Processes of a run, by Boost.Process: the only file that includes it.
//
// A process is running or ended, and ends exactly once. Its standard output and error go to one
// file, "NAME.log" in the run's directory, since that is the first thing that a person reads.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace halfopen {

struct ProcessExit {
  int code = 0;                            // exit status when signal is 0
  int signal = 0;                          // the signal that ended it
  [[nodiscard]] std::string text() const;  // "exited with status 64", "was killed by SIGKILL"
};

struct LaunchSettings {
  std::string executable;  // a path
  std::vector<std::string> arguments;
  std::string directory;       // its working directory
  std::string log_path;        // standard error, and output too unless it is given below
  int output_descriptor = -1;  // where standard output goes instead; stays the caller's
  bool on_terminal = false;    // all three streams are the caller's own, and there is no log
  bool network_admin = false;  // false: no capability survives the exec
  int network_namespace = -1;  // a namespace's descriptor; -1: the caller's own
  std::vector<int> inherited;  // descriptors that stay open in it, under their numbers
};

class Process {
 public:
  // `on_exit` is called once, from the io_context.
  [[nodiscard]] static Result<std::unique_ptr<Process>> launch(
      boost::asio::io_context& context, const LaunchSettings& settings,
      std::function<void(ProcessExit)> on_exit);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  [[nodiscard]] int pid() const;
  [[nodiscard]] bool running() const;
  void send_signal(int signal);
  // Waits for the end; false when the deadline passes first.
  [[nodiscard]] boost::asio::awaitable<bool> wait_exit(Duration at_most);

 private:
  class Implementation;
  explicit Process(std::shared_ptr<Implementation> implementation);
  std::shared_ptr<Implementation> implementation_;
};

// Runs a short command to its end (ten seconds at most). A Problem carries what it printed.
[[nodiscard]] Result<bool> run_to_end(const LaunchSettings& settings);

// Runs such commands side by side, as many as the machine has cores, for ten seconds at most.
// Answers which of them ended well.
[[nodiscard]] std::vector<bool> run_side_by_side(const std::vector<LaunchSettings>& commands);

// argv[0] with a slash: itself. Without: beside this program, else in PATH and the sbin folders.
[[nodiscard]] Result<std::string> find_executable(const std::string& name);

// A command that is a shell's line finds the programs that stand beside this one, as argv[0] does.
// Changes PATH, so only before a thread or a process is started.
void put_own_folder_into_path();

}  // namespace halfopen
