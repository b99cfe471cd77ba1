// The coordinator's end of a worker: starts it, reads its lines, bounds its time, and always gives
// back a result, whatever the worker does.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/time.hpp"
#include "harness/model/scenario.hpp"
#include "harness/shell/kept_lab.hpp"
#include "harness/shell/run_result.hpp"
#include "harness/worlds/world.hpp"

namespace halfopen {

class WorkerProcess {
 public:
  struct Settings {
    std::string text;
    std::string original_name;
    std::map<std::string, std::string> variables;
    std::size_t run_index = 0;
    std::string run_id;
    std::string directory;
    WorldKind world = WorldKind::kProxy;
    std::string captures;  // where captures go; empty: none
    std::uint64_t seed = 0;
    bool keep = false;  // the lab stays up after its verdict, until kill()
    Duration at_most{};
  };

  WorkerProcess(boost::asio::io_context& context, Settings settings);
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  // `on_end` is called once, from the io_context, also when the worker could not be started;
  // `on_kept` before it, when the lab stays up.
  void start(std::function<void(RunResult)> on_end, std::function<void(const KeptLab&)> on_kept);
  // SIGKILL: the namespaces go with it.
  void kill();

  [[nodiscard]] std::string step() const;
  [[nodiscard]] double seconds() const;

 private:
  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

// A bound on how long a scenario can take if every wait in it takes as long as it may.
[[nodiscard]] Duration longest_possible(const Scenario& scenario);

}  // namespace halfopen
