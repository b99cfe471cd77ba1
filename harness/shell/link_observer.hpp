// Watches the wire of one link for the length of a run: captures it, and where the middlebox on it
// is not fault-proxy, counts for it (middlebox_account.hpp), by its packets and conntrack's table.
//
// Packets carry the wall clock's time; it becomes the monotonic clock's by one offset, measured
// once a run. So dates of packets and of everybody else's events compare to some microseconds, as
// long as nobody steps the wall clock during the run.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/model/record.hpp"
#include "harness/model/wire/middlebox_account.hpp"
#include "harness/shell/capture.hpp"
#include "harness/worlds/world.hpp"

namespace halfopen {

// What a person is shown of a packet.
struct SeenSegment {
  std::string where;  // "in inside", "out outside"; empty where the wire has one place
  Segment segment;
};

class LinkObserver {
 public:
  struct Settings {
    WireSpec wire;
    LinkSpec link;
    int network_namespace = -1;
    Duration wall_offset{};   // Unix time minus monotonic time
    std::string pcap_path;    // empty: no file
    std::string events_path;  // the middlebox's events are appended to it
  };
  static constexpr std::size_t kSeenMax = 100'000;

  // `record` outlives the observer.
  [[nodiscard]] static Result<std::unique_ptr<LinkObserver>> open(boost::asio::io_context& context,
                                                                  Settings settings,
                                                                  RunRecord& record);

  // The end of a scrape round that began at `round`: samples into the record.
  void observe(Instant round);
  // A step that changes the world begins (is_over: false), and has been carried out.
  void handle_action(const StepAction& action, bool is_over);
  // Takes what is left. The files are complete afterwards.
  void finish();

  [[nodiscard]] const WireSpec& wire() const { return settings_.wire; }
  // Packets that were not seen; what was counted is then too little.
  [[nodiscard]] std::uint64_t lost() { return capture_->lost(); }
  // Why the mappings could not be looked at, the last time that they could not; empty: they could.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  // Kept for a capture's file alone.
  [[nodiscard]] const std::vector<SeenSegment>& seen() const { return seen_; }

 private:
  LinkObserver(Settings settings, RunRecord& record);
  void take(const CapturedPacket& packet);
  void look_at_table();
  void write_events();

  Settings settings_;
  RunRecord& record_;
  std::optional<MiddleboxAccount> account_;
  std::uint32_t inside_index_ = 0;
  std::uint32_t outside_index_ = 0;
  std::unique_ptr<Capture> capture_;
  std::vector<SeenSegment> seen_;
  std::string trouble_;
};

}  // namespace halfopen
