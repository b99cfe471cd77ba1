#include "node/shell/admin_api.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>
#include <utility>

#include "metrics/clock.hpp"
#include "node/shell/vote_json.hpp"

namespace halfopen::node {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

HttpResponse json_response(unsigned status, const value& body) {
  HttpResponse response;
  response.status = status;
  response.body = boost::json::serialize(body) + "\n";
  return response;
}

std::int64_t milliseconds_of(Duration duration) {
  return std::chrono::round<std::chrono::milliseconds>(duration).count();
}

HttpResponse refusal_response(CastRefusal refusal) {
  switch (refusal) {
    case CastRefusal::kConflict:
      return http_error(409, "this node has voted differently for this height, round and kind");
    case CastRefusal::kOutboxFull:
      return http_error(503, "too many votes wait for a peer's acknowledgement");
    case CastRefusal::kForgotten:
      return http_error(409, "this height, round and kind is older than what this node remembers");
    case CastRefusal::kStoreFailed:
      return http_error(503, "the store failed: whether the vote is kept is not known");
    case CastRefusal::kStopping:
      return http_error(503, "this node stops");
  }
  return http_error(500, "unknown refusal");
}

array to_array(const std::vector<std::string>& texts) {
  array list;
  for (const std::string& text : texts)
    list.emplace_back(text);
  return list;
}

void add_standing(object& entry, const PeerStanding& standing) {
  entry["for_ms"] = milliseconds_of(monotonic_now() - standing.since);
  if (standing.reason) {
    entry["reason"] = name_of(*standing.reason);
    entry["reason_text"] = sentence_of(*standing.reason);
  }
  if (standing.direction) entry["direction"] = name_of(*standing.direction);
  if (standing.ping_round_trip) entry["ping_rtt_ms"] = 1000 * to_seconds(*standing.ping_round_trip);
  if (const auto& info = standing.tcp_info) {
    entry["tcp_rtt_ms"] = info->rtt_microseconds / 1e3;
    entry["tcp_unacked"] = info->unacked_segments;
    entry["tcp_retransmits"] = info->retransmits;
    entry["tcp_probes"] = info->probes;
  }
}

object slot_json(const Slot& slot, const Tally::Choices& choices) {
  array list;
  for (const auto& [choice, count] : choices) {
    list.push_back(object{{"choice", choice ? value(choice->hex()) : value(nullptr)},
                          {"weight", count.weight},
                          {"quorum", count.is_quorum}});
  }
  return {{"height", slot.height},
          {"round", slot.round},
          {"kind", name_of(slot.kind)},
          {"choices", std::move(list)}};
}

}  // namespace

struct AdminApi::Visitor {
  AdminApi& self;
  const HttpRespond& respond;

  void operator()(const ask::Metrics&) const {
    respond({200, std::string(MetricSet::kContentType), self.metrics_.expose()});
  }
  void operator()(const ask::Health&) const { respond(self.health()); }
  void operator()(const ask::Readiness& question) const { respond(self.readiness(question)); }
  void operator()(const ask::Overview&) const { respond(self.overview()); }
  void operator()(const ask::Votes& question) const { respond(self.votes(question.page)); }
  void operator()(const ask::Peers&) const { respond(self.peers()); }
  void operator()(const ask::History& question) const { respond(self.history(question.peer)); }
  void operator()(const ask::Evidence&) const { respond(self.evidence()); }
  void operator()(const ask::Tally& question) const { respond(self.tally(question.page)); }
  void operator()(const ask::Cast& question) const { self.cast(question, respond); }
  void operator()(const ask::Drain&) const {
    self.operation_.drain("drain");
    respond(json_response(202, object{{"status", "draining"}}));
  }
  void operator()(const ask::Reload&) const {
    self.operation_.reload_soon([answer = respond](const Result<ConfigChange>& change) {
      if (change.has_error()) return answer(http_error(422, change.error().text));
      answer(json_response(200, object{{"added", to_array(change->added)},
                                       {"removed", to_array(change->removed)},
                                       {"changed", to_array(change->changed)},
                                       {"ignored", to_array(change->ignored)}}));
    });
  }
};

void AdminApi::handle(const HttpRequest& request, const HttpRespond& respond) {
  const auto parsed = parse_admin_request(request);
  if (const auto* refusal = std::get_if<HttpResponse>(&parsed)) return respond(*refusal);
  std::visit(Visitor{*this, respond}, std::get<AdminRequest>(parsed));
}

void AdminApi::cast(const ask::Cast& question, const HttpRespond& respond) {
  const bool waits_for_peers = question.waits_for_peers;
  driver_.cast(question.request, waits_for_peers,
               [respond, waits_for_peers](const CastOutcome& outcome) {
                 if (const auto* refusal = std::get_if<CastRefusal>(&outcome)) {
                   return respond(refusal_response(*refusal));
                 }
                 respond(json_response(waits_for_peers ? 200 : 202,
                                       object{{"id", std::get<VoteId>(outcome).hex()}}));
               });
}

HttpResponse AdminApi::health() const {
  switch (driver_.store_health().state(monotonic_now())) {
    case StoreHealth::State::kGood:
      return json_response(200, object{{"status", "ok"}});
    case StoreHealth::State::kFailed:
      return http_error(503,
                        "the store did not take what it was given last (a full disk?): votes "
                        "are refused, and peers' votes not acknowledged");
    case StoreHealth::State::kStuck:
      return http_error(503, "the store has answered nothing for more than 10s");
  }
  return http_error(500, "unknown state");
}

std::uint64_t AdminApi::weight_in_reach() const {
  std::uint64_t weight = driver_.node().settings().weight;
  for (const Peer& peer : driver_.node().peers()) {
    if (is_up(peer.state())) weight += peer.settings().weight;
  }
  return weight;
}

bool AdminApi::is_quorum_in_reach() const {
  return 3 * weight_in_reach() > 2 * driver_.node().tally().total_weight();
}

HttpResponse AdminApi::readiness(const ask::Readiness& question) const {
  if (driver_.node().is_stopping() || !operation_.stop_reason().empty()) {
    return http_error(503, "this node stops");
  }
  const std::uint64_t total = driver_.node().tally().total_weight();
  if (question.needs_quorum && !is_quorum_in_reach()) {
    return http_error(503, "this node and the peers that it reaches have weight " +
                               std::to_string(weight_in_reach()) + " of " + std::to_string(total) +
                               ": not more than two thirds");
  }
  return json_response(
      200,
      object{{"status", "ready"}, {"weight_in_reach", weight_in_reach()}, {"total_weight", total}});
}

HttpResponse AdminApi::overview() const {
  const NodeConfig& config = operation_.config();
  const Node& node = driver_.node();
  object answer{
      {"name", config.node.name},
      {"network", config.node.network},
      {"key", config.node.key->public_key().hex()},
      {"version", HALFOPEN_VERSION},
      {"preset", name_of(config.preset)},
      {"transport", config.transport == Transport::kTls ? "tls" : "plaintext"},
      {"listen", operation_.addresses().listen},
      {"store", config.store},
      {"up_ms", milliseconds_of(monotonic_now() - operation_.started_at())},
      {"stopping", node.is_stopping() || !operation_.stop_reason().empty()},
      {"store_good", driver_.store_health().state(monotonic_now()) == StoreHealth::State::kGood},
      {"votes", node.known_votes()},
      {"evidence", node.evidence().size()},
      {"weight_in_reach", weight_in_reach()},
      {"total_weight", node.tally().total_weight()},
      {"quorum_in_reach", is_quorum_in_reach()},
      {"last_quorum", nullptr}};
  const auto& slots = node.tally().slots();
  for (auto slot = slots.rbegin(); slot != slots.rend(); ++slot) {
    for (const auto& [choice, count] : slot->second) {
      if (!count.is_quorum) continue;
      answer["last_quorum"] = object{{"height", slot->first.height},
                                     {"round", slot->first.round},
                                     {"kind", name_of(slot->first.kind)}};
      return json_response(200, answer);
    }
  }
  return json_response(200, answer);
}

HttpResponse AdminApi::votes(const VotePage& page) const {
  const auto listed = store_.list(page.after, page.limit);
  if (listed.has_error()) return http_error(503, listed.error().text);
  array list;
  for (const ListedVote& vote : *listed) {
    object entry = node::to_json(vote.kept.vote, vote.kept.id);
    entry["seq"] = vote.sequence;
    list.push_back(std::move(entry));
  }
  object answer{{"votes", std::move(list)}, {"next", nullptr}};
  if (listed->size() == page.limit) answer["next"] = listed->back().sequence;
  return json_response(200, answer);
}

HttpResponse AdminApi::peers() const {
  const NodeConfig& config = operation_.config();
  array list;
  for (const Peer& peer : driver_.node().peers()) {
    object entry{{"name", peer.name()},
                 {"state", name_of(peer.state())},
                 {"key", peer.settings().key.hex()},
                 {"weight", peer.settings().weight},
                 {"reading", peer.is_reading()},
                 {"outbox", peer.outbox().size()},
                 {"in_flight", peer.outbox().in_flight()}};
    for (std::size_t i = 0; i < config.node.peers.size(); ++i) {
      if (config.node.peers[i].name == peer.name() && !config.peer_addresses[i].empty()) {
        entry["address"] = config.peer_addresses[i];
      }
    }
    if (peer.connection()) entry["conn"] = peer.connection()->value();
    if (const PeerStanding* standing = history_.find(peer.name())) add_standing(entry, *standing);
    list.push_back(std::move(entry));
  }
  return json_response(200, object{{"peers", std::move(list)}});
}

HttpResponse AdminApi::history(const std::string& peer) const {
  const PeerStanding* standing = history_.find(peer);
  if (standing == nullptr) return http_error(404, "no peer is called " + peer);
  array list;
  for (const PastTransition& transition : standing->transitions)
    list.push_back(node::to_json(transition));
  return json_response(200, object{{"peer", peer},
                                   {"transitions", std::move(list)},
                                   {"kept_max", PeerHistory::kTransitionsMax}});
}

HttpResponse AdminApi::evidence() const {
  array list;
  for (const Equivocation& pair : driver_.node().evidence()) {
    list.push_back(object{{"voter", pair.first.vote.voter.hex()},
                          {"first", node::to_json(pair.first, id_of(pair.first.vote))},
                          {"second", node::to_json(pair.second, id_of(pair.second.vote))}});
  }
  return json_response(200, object{{"evidence", std::move(list)}});
}

HttpResponse AdminApi::tally(const TallyPage& page) const {
  const Tally& tally = driver_.node().tally();
  array list;
  value next = nullptr;
  std::uint64_t heights = 0;
  std::optional<std::uint64_t> last_height;
  for (const auto& [slot, choices] : tally.slots()) {
    if (page.after_height && slot.height <= *page.after_height) continue;
    if (slot.height != last_height && heights == page.limit) {
      next = *last_height;
      break;
    }
    if (slot.height != last_height) ++heights;
    last_height = slot.height;
    list.push_back(slot_json(slot, choices));
  }
  return json_response(
      200,
      object{{"slots", std::move(list)}, {"total_weight", tally.total_weight()}, {"next", next}});
}

}  // namespace halfopen::node
