// What a middlebox that nobody can ask has done, told in the same series and events in which
// fault-proxy tells it of itself, so that an expression holds for both.
//
// Intuition: packets say what was refreshed, dropped and reset, and when; the middlebox's own table
// says which mappings it still has. A mapping that was established, is gone from the table, and was
// neither closed nor flushed, has idled out.
//
// Invariants:
// - Every series exists from the start, at 0; counters never fall.
// - nat_* moves only while a nat fault is set on the link.
// - Times are those of packets. An expiry is dated by the last packet plus the timeout, where that
//   lies between the two looks at the table that enclose it, else by the second look.
#pragma once

#include <boost/json/object.hpp>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "harness/model/record.hpp"
#include "harness/model/scenario.hpp"
#include "harness/model/wire/link_follower.hpp"

namespace halfopen {

// A mapping of the middlebox's table, by the ends of the connection as the inside sees them.
struct TableEntry {
  Endpoint inside;
  Endpoint outside;
  // False for one that is being opened, or that a close or reset has left to run out.
  bool is_live = false;
};

struct MiddleboxEvent {
  Instant at;
  std::string event;
  boost::json::object fields;
};

struct MiddleboxSample {
  std::string name;
  SeriesLabels labels;
  double value = 0;
};

class MiddleboxAccount {
 public:
  explicit MiddleboxAccount(const LinkSpec& link);

  void handle_segment(WireSide side, Passage passage, const Segment& segment);
  void handle_fault_set(const FaultSpec& fault, Instant at);
  void handle_fault_cleared(const std::string& name, Instant at);
  // The table was emptied: nothing that was in it idled out.
  void handle_flush(Instant at);
  // A node's process or machine went down, and came up again.
  void handle_down(const std::string& node, RestartKind kind, Instant at);
  void handle_up(const std::string& node, RestartKind kind, Instant at);
  // Every entry of the table at `at`, after the segments up to then. Without a nat fault, empty.
  void handle_table(const std::vector<TableEntry>& entries, Instant at);

  [[nodiscard]] bool has_nat() const { return nat_.has_value(); }
  [[nodiscard]] std::vector<MiddleboxSample> samples() const;
  // In time order since the last call. One that took its time to be told (a drop) may be older than
  // what was taken before.
  [[nodiscard]] std::vector<MiddleboxEvent> take_events();

 private:
  struct ActiveNat {
    std::string name;
    Duration idle_timeout{};
    Duration unacked_timeout{};
  };
  struct Mapping {
    bool is_live = false;
    bool was_in_table = false;
    bool is_closing = false;  // closed or reset by the ends: its end is no expiry
    Instant refreshed_at;
    Instant arrived_at;  // of the newest segment, forwarded or not
    Instant last_seen;   // in the table
    std::string_view last_cause = "none";
    std::array<bool, 2> awaits_next_packet{};  // by side, after expiry
  };

  void handle(const Opened& opened);
  void handle(const DialFailed& failed);
  void handle(const Arrived& arrived);
  void handle(const Forwarded& forwarded);
  void handle(const Dropped& dropped);
  void handle(const ResetByMiddlebox& reset);
  void handle(const Closed& closed);
  void handle_all(const std::vector<Happening>& happenings);
  void expire(std::uint64_t connection, Mapping& mapping, Instant not_after);
  void forget(std::uint64_t connection, Mapping& mapping, Instant at, std::string event);
  void note_next_packet(std::uint64_t connection, WireSide side, std::string_view action,
                        Instant at);
  void count(const std::string& name, const char* label, std::string_view value, double by = 1);
  void write(Instant at, std::string event, boost::json::object fields);
  [[nodiscard]] std::string_view direction(std::uint64_t connection, WireSide from) const;
  [[nodiscard]] WireSide side_of(const std::string& node) const;

  LinkSpec link_;
  LinkFollower follower_;
  std::optional<ActiveNat> nat_;
  std::map<std::string, FaultSpec> faults_;         // set now, by name
  std::map<std::uint64_t, Mapping> mappings_;       // by connection
  std::array<std::set<std::uint64_t>, 2> orphans_;  // connections whose end on this side went down
  std::map<std::pair<std::string, SeriesLabels>, double> counters_;
  std::size_t entries_ = 0;
  std::vector<MiddleboxEvent> events_;
};

}  // namespace halfopen
