// Plays a case's script between two machines of a lab and writes down what their ends saw.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "harness/model/conformance/case.hpp"
#include "harness/model/conformance/observation.hpp"
#include "harness/shell/conformance/lab.hpp"
#include "harness/shell/conformance/machine.hpp"

namespace halfopen::conformance {

class ScriptPlayer {
 public:
  ScriptPlayer(boost::asio::io_context& context, const Case& test, Lab& lab);

  // The connection and its greeting, the script, and a last look. A Problem means that the case
  // could not be played, not that it came out wrong.
  [[nodiscard]] boost::asio::awaitable<Result<void>> play();

  // After play().
  [[nodiscard]] const std::vector<Cell>& cells() const { return cells_; }
  [[nodiscard]] const std::vector<MeasuredTime>& times() const { return times_; }

 private:
  using Outcome = Result<void>;
  using Playing = boost::asio::awaitable<Outcome>;

  Playing play_script();
  Playing open();
  Playing greet();
  Playing step(const Idle& idle);
  Playing step(const Send& send);
  Playing step(const Fill& fill);
  Playing step(const Hear& hear);
  Playing step(const ShutDown& shut_down);
  Playing step(const Close& close);
  Playing step(const Abort& abort);
  Playing step(const BeginDial& begin);
  Playing step(const AwaitDial& await);
  Playing step(const AwaitMessage& await);
  Playing step(const AwaitEnd& await);
  Playing step(const StartClock& start);
  Playing step(const Exchange& exchange);
  Playing step(const Look& look);
  Playing step(const Change& change);
  Playing step(const LosePower& lose);
  Playing step(const AwaitPower& await);

  // Polls until `holds` or the deadline; what it answered last.
  boost::asio::awaitable<bool> until(std::function<bool()> holds, Duration within);
  boost::asio::awaitable<bool> accepted(unsigned connection, Duration within);
  boost::asio::awaitable<bool> received(End end, std::string label, Duration within);
  boost::asio::awaitable<bool> passes(End from, End to, std::string label, Duration within);
  boost::asio::awaitable<void> keep_distance(End end);
  Playing last_look();

  [[nodiscard]] Machine& machine(Side side) { return side == Side::kClient ? client_ : server_; }
  // A Problem when the script speaks of an end that never came to be.
  [[nodiscard]] Result<EndSocket*> find(End end);
  void put(const std::string& cell, const std::string& value);

  boost::asio::io_context& context_;
  const Case& test_;
  Lab& lab_;
  Machine client_;
  Machine server_;
  std::vector<Cell> cells_;
  std::vector<MeasuredTime> times_;
  std::map<End, Instant> last_send_;
  Instant clock_started_;
  std::string dials_;
  std::string power_trouble_;
  bool power_is_off_ = false;
  bool power_has_ended_ = true;
};

}  // namespace halfopen::conformance
