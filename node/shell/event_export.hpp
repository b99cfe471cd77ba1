// The node's event lines: what happened, when and why, for machines.
#pragma once

#include "metrics/event_log.hpp"
#include "node/shell/tcp_connection.hpp"
#include "node/shell/witness.hpp"

namespace halfopen::node {

class EventExport {
 public:
  explicit EventExport(EventLog log) : log_(std::move(log)) {}

  void started(const std::string& listen, const std::string& admin, Preset preset);
  void reloaded(const std::string& outcome);
  void stopped(std::string_view reason);
  void vote_send(const std::string& peer, ConnectionId connection, const VoteSend& send);
  void tell(const WitnessedNote& witnessed);

 private:
  struct Visitor;

  void write(std::string_view event, boost::json::object fields);

  EventLog log_;
};

}  // namespace halfopen::node
