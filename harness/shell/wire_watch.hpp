// Every wire of a run: captures where they are wanted, and observers of the middleboxes that do not
// tell of themselves. Beside a link's capture it leaves what else happened, in the capture's clock:
//
//   LINK.pcap          the packets, for Wireshark and tcpdump
//   LINK.events.jsonl  every event of the run, with `epoch` in the clock of the packets
//   LINK.txt           both in one order, for a person
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <vector>

#include "harness/model/record.hpp"
#include "harness/model/scenario.hpp"
#include "harness/shell/link_observer.hpp"
#include "harness/shell/network_namespaces.hpp"
#include "harness/shell/scraper.hpp"
#include "harness/shell/step_runner.hpp"
#include "harness/worlds/world.hpp"

namespace halfopen {

class WireWatch {
 public:
  static constexpr const char* kEventsFile = "middlebox.events.jsonl";

  struct Settings {
    const World& world;
    const Scenario& scenario;
    const NetworkNamespaces& namespaces;
    std::string directory;  // the run's own
    std::string captures;   // made here; empty: no files
  };

  // Watches from here on. A Problem when a wire cannot be watched, with the remedy. Without
  // captures nothing is watched but the middleboxes that need it.
  [[nodiscard]] static Result<std::unique_ptr<WireWatch>> open(boost::asio::io_context& context,
                                                               const Settings& settings,
                                                               RunRecord& record);

  [[nodiscard]] std::vector<Scraper::Observer> observers();
  [[nodiscard]] StepRunner::ActionListener action_listener();
  [[nodiscard]] bool has_captures() const { return !captures_.empty(); }

  // The run is over: takes what is still in the buffers.
  void finish();
  // With the events of all programs, in time order.
  [[nodiscard]] Result<void> write_timelines(const std::vector<Event>& events) const;

  // Why the counts of a middlebox are too low, or what a capture misses; empty when nothing.
  [[nodiscard]] std::string missed_by_account() const { return missed_by_account_; }
  [[nodiscard]] std::string missed_by_file() const { return missed_by_file_; }

 private:
  explicit WireWatch(std::string captures) : captures_(std::move(captures)) {}

  std::string captures_;
  Duration wall_offset_{};
  std::vector<std::unique_ptr<LinkObserver>> wires_;
  std::string missed_by_account_;
  std::string missed_by_file_;
};

}  // namespace halfopen
