// The coordinator's end of a case's worker: starts it, bounds its time, and always hands back an
// observation, whatever the worker does.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/time.hpp"
#include "harness/model/conformance/observation.hpp"
#include "harness/shell/process.hpp"
#include "harness/worlds/world.hpp"

namespace halfopen::conformance {

class WorkerProcess {
 public:
  struct Settings {
    std::string case_id;
    WorldKind world = WorldKind::kProxy;
    std::string directory;
    Duration at_most{};  // of the script; setting up and taking down have their own bound
  };

  WorkerProcess(boost::asio::io_context& context, Settings settings);

  // `on_end` is called once, from the io_context, also when the worker could not be started.
  void start(std::function<void(Observation)> on_end);
  // SIGKILL: the namespaces go with it.
  void kill();
  [[nodiscard]] double seconds_so_far() const;

 private:
  void launch();
  void finish(const std::string& how);
  void fail(const std::string& reason);

  boost::asio::io_context& context_;
  Settings settings_;
  Instant begin_;
  boost::asio::steady_timer limit_;
  std::unique_ptr<Process> process_;
  std::function<void(Observation)> on_end_;
  bool is_overdue_ = false;
};

}  // namespace halfopen::conformance
