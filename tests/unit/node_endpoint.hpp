// One real core with its peers played by the test: messages in, whatever it does out, step by step.
//
// The simulation shows what several cores do together; this shows what one of them does when the
// other side does exactly what the test says, right or wrong.
#pragma once

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "node/core/node.hpp"
#include "tests/unit/node_disk.hpp"

namespace halfopen::node::test {

class Endpoint {
 public:
  explicit Endpoint(NodeSettings settings, const Journal& journal = {});

  // The peer dials and says hello.
  ConnectionId connect(const std::string& peer);
  // Something comes on the connection.
  void say(ConnectionId connection, const Message& message);
  // The store answers everything that waits.
  void answer_stores(bool is_durable = true);
  // Asks for a vote; the ticket.
  std::uint64_t request(const CastRequest& request, bool waits_for_peers = false);
  // Asks for a vote and has it stored; the id. It must not be refused.
  VoteId cast(const CastRequest& request = {});
  void handle(const Event& event);
  void wait(Duration by) { now_ = now_ + by; }

  [[nodiscard]] Node& node() { return node_; }
  [[nodiscard]] const Peer& peer(const std::string& name) const;
  [[nodiscard]] const Disk& disk() const { return disk_; }
  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] const std::map<std::uint64_t, std::variant<VoteId, CastRefusal>>& answers() const {
    return answers_;
  }
  // What was written on the connection since the last call.
  std::vector<Message> take_written(ConnectionId connection);
  std::vector<ConnectionId> take_closed() { return std::exchange(closed_, {}); }
  std::vector<ConnectionId> take_dials() { return std::exchange(dials_, {}); }
  std::vector<JournalEntry> take_entries() { return std::exchange(entries_, {}); }
  // Notes of this kind since the last call; of the other kinds nothing is lost.
  template <class Kind>
  std::vector<Kind> take_notes() {
    std::vector<Kind> taken;
    std::erase_if(notes_, [&](const Note& note) {
      const auto* wanted = std::get_if<Kind>(&note);
      if (wanted != nullptr) taken.push_back(*wanted);
      return wanted != nullptr;
    });
    return taken;
  }

 private:
  void drain();

  Node node_;
  Instant now_ = Instant::from_nanoseconds(1);
  Disk disk_;
  std::uint64_t last_ticket_ = 0;
  std::map<std::uint64_t, std::variant<VoteId, CastRefusal>> answers_;
  std::map<ConnectionId, std::vector<Message>> written_;
  std::vector<ConnectionId> closed_;
  std::vector<ConnectionId> dials_;
  std::vector<JournalEntry> entries_;
  std::vector<Note> notes_;
};

}  // namespace halfopen::node::test
