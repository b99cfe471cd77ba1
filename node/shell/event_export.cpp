#include "node/shell/event_export.hpp"

#include <unistd.h>

#include <chrono>
#include <utility>

#include "node/shell/vote_json.hpp"

namespace halfopen::node {
namespace {

using boost::json::object;

std::int64_t milliseconds_of(Duration duration) {
  return std::chrono::round<std::chrono::milliseconds>(duration).count();
}

void add_evidence(object& fields, const Evidence* evidence, int error) {
  fields["errno"] = errno_name(error);
  if (evidence == nullptr) return;
  fields["second_errno"] = errno_name(evidence->second_error);
  fields["so_error"] = errno_name(evidence->so_error);
  fields["idle_ms"] = milliseconds_of(evidence->idle);
  if (evidence->tcp_info) fields["tcp_info"] = to_json(*evidence->tcp_info);
}

object fields_of(const note::Transition& note, const WitnessedNote& witnessed) {
  object fields{{"peer", note.peer}};
  if (note.connection) fields["conn"] = note.connection->value();
  fields["from"] = name_of(note.from);
  fields["to"] = name_of(note.to);
  fields["reason"] = name_of(note.reason);
  fields["since_life_ms"] = milliseconds_of(witnessed.since_life);
  add_evidence(fields, witnessed.evidence, note.error);
  return fields;
}

object vote_fields(const Vote& vote, const VoteId& id) {
  object fields = to_json(vote, id);
  fields["vote"] = id.hex();
  fields.erase("id");
  return fields;
}

}  // namespace

void EventExport::write(std::string_view event, object fields) {
  log_.write(event, std::move(fields));
}

void EventExport::started(const std::string& listen, const std::string& admin, Preset preset) {
  write("started",
        {{"listen", listen}, {"admin", admin}, {"pid", ::getpid()}, {"preset", name_of(preset)}});
}

void EventExport::reloaded(const std::string& outcome) {
  write("reloaded", {{"outcome", outcome}});
}

void EventExport::stopped(std::string_view reason) {
  write("stopped", {{"reason", reason}});
}

void EventExport::vote_send(const std::string& peer, ConnectionId connection,
                            const VoteSend& send) {
  if (!log_.is_open()) return;
  write("send", {{"peer", peer},
                 {"conn", connection.value()},
                 {"vote", send.vote.hex()},
                 {"bytes", send.bytes},
                 {"result", errno_name(send.error)},
                 {"idle_ms", milliseconds_of(send.idle)}});
}

// One overload a note, no catch-all: a new kind of note does not compile until it is decided here.
struct EventExport::Visitor {
  EventExport& self;
  const WitnessedNote& witnessed;
  void operator()(const note::Transition& note) const {
    self.write("transition", fields_of(note, witnessed));
  }
  void operator()(const note::ConnectionOpened& note) const {
    self.write("connection_opened", {{"peer", note.peer},
                                     {"conn", note.connection.value()},
                                     {"direction", name_of(note.direction)}});
  }
  void operator()(const note::ConnectionClosed& note) const {
    object fields{{"conn", note.connection.value()}, {"reason", name_of(note.reason)}};
    if (!note.peer.empty()) fields["peer"] = note.peer;
    add_evidence(fields, witnessed.evidence, note.error);
    self.write("connection_closed", std::move(fields));
  }
  void operator()(const note::DialEnded&) const {}
  void operator()(const note::Broadcast&) const {}
  void operator()(const note::VoteSent& note) const {
    self.write("vote_sent", {{"peer", note.peer},
                             {"conn", note.connection.value()},
                             {"vote", note.vote.hex()},
                             {"attempt", note.attempt}});
  }
  void operator()(const note::VoteAcked& note) const {
    self.write("vote_acked", {{"peer", note.peer}, {"vote", note.vote.hex()}});
  }
  void operator()(const note::VoteReceived& note) const {
    if (note.outcome == note::Received::kRejected) return;
    object fields = vote_fields(note.vote, note.id);
    fields["peer"] = note.peer;
    fields["outcome"] = name_of(note.outcome);
    self.write("vote_stored", std::move(fields));
  }
  void operator()(const note::VoteAbandoned& note) const {
    self.write("vote_abandoned",
               {{"peer", note.peer}, {"vote", note.vote.hex()}, {"reason", name_of(note.reason)}});
  }
  void operator()(const note::EquivocationFound& note) const {
    const Vote& vote = note.evidence.first.vote;
    self.write("equivocation", {{"peer", note.peer},
                                {"voter", vote.voter.hex()},
                                {"height", vote.height},
                                {"round", vote.round},
                                {"kind", name_of(vote.kind)},
                                {"first", id_of(vote).hex()},
                                {"second", id_of(note.evidence.second.vote).hex()}});
  }
  void operator()(const note::QuorumReached& note) const {
    object fields{{"height", note.slot.height},
                  {"round", note.slot.round},
                  {"kind", name_of(note.slot.kind)},
                  {"weight", note.weight},
                  {"total_weight", note.total_weight}};
    fields["choice"] = note.choice ? boost::json::value(note.choice->hex()) : nullptr;
    self.write("quorum", std::move(fields));
  }
  void operator()(const note::VoteCast& note) const {
    self.write("vote_cast", vote_fields(note.vote, note.id));
  }
  void operator()(const note::PingNoted&) const {}
  void operator()(const note::OutboxChanged&) const {}
  void operator()(const note::BytesCame&) const {}
};

void EventExport::tell(const WitnessedNote& witnessed) {
  if (!log_.is_open()) return;  // A line costs more than a vote: none is made for nobody.
  std::visit(Visitor{*this, witnessed}, witnessed.note);
}

}  // namespace halfopen::node
