// flap: a link that goes down and comes back by a timetable. What "down" means is one of the other
// faults: a black hole, a refusal of dials, or that with a reset of every connection.
#pragma once

#include "proxy/core/flap.hpp"
#include "proxy/shell/faults/active_fault.hpp"

namespace halfopen {

class FlapFault final : public ActiveFault {
 public:
  FlapFault(FaultHost& host, const FlapConfig& config) : host_(host), config_(config) {}

  void start(Instant now) override;
  [[nodiscard]] Result<void> stop(Instant now) override;
  // The timetable begins anew.
  [[nodiscard]] Result<void> change(const FaultConfig& config) override;
  void handle_accepted(Connection& connection) override;
  void handle_timeout(Instant now) override;
  [[nodiscard]] std::optional<Instant> next_deadline() const override;
  // After the last of its rounds.
  [[nodiscard]] bool is_over() const override;

 private:
  void act(FlapAction action, Instant now);
  void go_down();
  void come_up(Instant now);
  [[nodiscard]] bool is_silent() const { return config_.how == FlapConfig::How::kBlackhole; }
  [[nodiscard]] bool is_down() const { return schedule_ && schedule_->is_down(); }

  FaultHost& host_;
  FlapConfig config_;
  std::optional<FlapSchedule> schedule_;
  std::optional<Instant> reopen_at_;  // up, but the port could not be had yet
};

}  // namespace halfopen
