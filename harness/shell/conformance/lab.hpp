// A world, standing: its processes (the fault-proxy, if any) run, and what the world decides about
// a fault is carried out. The ends of the link are the caller's own sockets.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "harness/shell/network_namespaces.hpp"
#include "harness/shell/process.hpp"
#include "harness/worlds/world.hpp"

namespace halfopen::conformance {

class Lab {
 public:
  // What a world's operations mean for an end that is no process.
  struct Hooks {
    std::function<Result<void>()> end_machine;
    std::function<Result<void>()> start_machine;
    std::function<void()> pause_begins;
  };

  Lab(boost::asio::io_context& context, const World& world, NetworkNamespaces& namespaces,
      std::string directory)
      : context_(context),
        world_(world),
        namespaces_(namespaces),
        directory_(std::move(directory)) {}

  // Until every process answers.
  [[nodiscard]] boost::asio::awaitable<Result<void>> start();
  [[nodiscard]] boost::asio::awaitable<Result<void>> carry_out(StepAction action, Hooks hooks);
  [[nodiscard]] boost::asio::awaitable<void> end();

  // The sampling interval that the fault-proxy reports; 0 where there is none.
  [[nodiscard]] boost::asio::awaitable<Result<double>> sample_interval_seconds();
  // What went wrong with a process or a fault so far; empty when nothing did.
  [[nodiscard]] std::string trouble() const;
  [[nodiscard]] NetworkNamespaces& namespaces() { return namespaces_; }
  [[nodiscard]] const World& world() const { return world_; }

 private:
  struct Running {
    ProcessSpec spec;
    std::unique_ptr<Process> process;
    std::string exit_text;
  };
  boost::asio::awaitable<Result<void>> start(Running& running);
  boost::asio::awaitable<Result<void>> call(HttpCall call);

  boost::asio::io_context& context_;
  const World& world_;
  NetworkNamespaces& namespaces_;
  std::string directory_;
  std::vector<std::unique_ptr<Running>> running_;
};

// Lets others run for this long.
[[nodiscard]] boost::asio::awaitable<void> wait_for(boost::asio::io_context& context,
                                                    Duration duration);

}  // namespace halfopen::conformance
