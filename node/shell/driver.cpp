#include "node/shell/driver.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <chrono>
#include <utility>

#include "metrics/clock.hpp"
#include "metrics/http_endpoint.hpp"

namespace halfopen::node {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr auto kSampleInterval = std::chrono::seconds(1);
// After the process ran out of descriptors, accepting at once would only fail again.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

// A flood of strangers must not fill the disk: the rest of them is counted only.
constexpr auto kStrangerNewsInterval = std::chrono::milliseconds(200);
constexpr int kStrangerNewsBurst = 20;

// The same for all connections of one host: whoever has an IPv6 address has 2^64 of them.
std::uint64_t source_of(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_v4().to_uint();
  if (address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_uint();
  }
  const auto bytes = address.to_v6().to_bytes();
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < sizeof prefix; ++i)
    prefix = prefix << 8 | bytes[i];
  return prefix;
}

tcp::endpoint endpoint_of(const HostPort& address) {
  return {asio::ip::make_address(address.host), address.port};
}

}  // namespace

Driver::Driver(asio::io_context& context, const NodeConfig& config, VoteStore& store,
               Observers observers, std::function<void()> on_stopped)
    : context_(context),
      config_(config),
      store_(store),
      observers_(observers),
      on_stopped_(std::move(on_stopped)),
      node_(config.node),
      stranger_news_(kStrangerNewsInterval, kStrangerNewsBurst),
      acceptor_(context),
      timer_(context),
      sample_timer_(context),
      accept_timer_(context) {
  if (config_.transport == Transport::kTls) tls_.emplace(*config_.node.key);
  pin_peers();
}

Driver::~Driver() {
  for (const auto& [id, connection] : connections_)
    connection->close();
}

Result<std::string> Driver::listen() {
  HALFOPEN_TRY(address, parse_host_port(config_.listen));
  const tcp::endpoint endpoint = endpoint_of(address);
  boost::system::error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    return Problem{"cannot listen on ", config_.listen, ": ", error.message(),
                   error == asio::error::address_in_use
                       ? " (choose another port, or port 0 for any free one)"
                       : ""};
  }
  HALFOPEN_TRY(journal, store_.load());
  store_.on_answer([this](std::span<const StoreAnswer> answers) {
    store_health_.on_answers(answers, monotonic_now());
    pump(StoreAnswered{{answers.begin(), answers.end()}});
  });
  node_.restore(journal);
  const tcp::endpoint bound = acceptor_.local_endpoint();
  const std::string host = bound.address().is_v6() ? "[" + bound.address().to_string() + "]"
                                                   : bound.address().to_string();
  return host + ":" + std::to_string(bound.port());
}

void Driver::start() {
  accept();
  node_.start(monotonic_now());
  drain_actions();
  pump(TimePassed{});
  sample_tcp_info();
}

void Driver::accept() {
  acceptor_.async_accept(
      accepted_from_, [this](boost::system::error_code error, tcp::socket socket) {
        if (error == asio::error::operation_aborted || !acceptor_.is_open()) return;
        if (error) {
          observers_.log.warn("Cannot accept a connection: " + error.message());
          accept_timer_.expires_after(kAcceptPause);
          accept_timer_.async_wait([this](boost::system::error_code stopped) {
            if (!stopped) accept();
          });
          return;
        }
        const ConnectionId id = node_.new_connection_id();
        auto accepted = make_connection(id);
        accepted->take(std::move(socket), config_.node.defences, way_to(nullptr));
        pump(ConnectionAccepted{id, source_of(accepted_from_.address())});
        accept();
      });
}

void Driver::cast(CastRequest request, bool waits_for_peers,
                  std::function<void(CastOutcome)> done) {
  if (node_.is_stopped()) return done(CastRefusal::kStopping);
  request.time_milliseconds = static_cast<std::int64_t>(wall_seconds() * 1000);
  casts_.emplace(++last_cast_, std::move(done));
  pump(CastRequested{request, last_cast_, waits_for_peers});
}

void Driver::change_peers(const NodeConfig& config) {
  config_.node.peers = config.node.peers;
  config_.peer_addresses = config.peer_addresses;
  pin_peers();
  pump(PeersChanged{config.node.peers});
}

void Driver::shut_down(bool at_once) {
  pump(ShutdownRequested{at_once});
}

void Driver::shut_down_soon() {
  asio::post(context_, [this] { shut_down(); });
}

void Driver::pump(Event event) {
  inputs_.push_back(std::move(event));
  if (pumping_) return;
  pumping_ = true;
  while (!inputs_.empty()) {
    const Event next = std::move(inputs_.front());
    inputs_.pop_front();
    node_.handle(next, monotonic_now());
    drain_actions();
  }
  pumping_ = false;
  arm_timer();
}

void Driver::drain_actions() {
  while (const auto action = node_.poll_action()) {
    std::visit([this](const auto& content) { perform(content); }, *action);
  }
}

void Driver::arm_timer() {
  const auto deadline = node_.next_deadline();
  if (deadline == armed_for_) return;
  armed_for_ = deadline;
  if (!deadline) {
    timer_.cancel();
    return;
  }
  // steady_clock and our Instant are both CLOCK_MONOTONIC.
  timer_.expires_at(
      std::chrono::steady_clock::time_point{std::chrono::nanoseconds{deadline->nanoseconds()}});
  timer_.async_wait([this](boost::system::error_code error) {
    if (error) return;
    armed_for_.reset();
    pump(TimePassed{});
  });
}

void Driver::perform(const Dial& action) {
  const auto& peers = config_.node.peers;
  const auto peer = std::find_if(peers.begin(), peers.end(), [&](const PeerSettings& settings) {
    return settings.name == action.peer;
  });
  const auto place = static_cast<std::size_t>(peer - peers.begin());
  const auto address = parse_host_port(config_.peer_addresses.at(place));
  auto dialled = make_connection(action.connection);
  dialled->dial(endpoint_of(*address), config_.node.defences, way_to(&*peer));
}

void Driver::perform(const Write& action) {
  if (TcpConnection* found = connection(action.connection)) found->write(action);
}

void Driver::perform(const SetReading& action) {
  if (TcpConnection* found = connection(action.connection)) found->set_reading(action.reading);
}

void Driver::perform(const Close& action) {
  const auto found = connections_.find(action.connection);
  if (found == connections_.end()) return;
  found->second->close();
  connections_.erase(found);
}

void Driver::perform(const Store& action) {
  store_health_.on_put(monotonic_now());
  store_.put(action.entry, action.ticket);
}

void Driver::perform(const AnswerCast& action) {
  const auto caller = casts_.extract(action.ticket);
  if (caller.empty()) return;
  if (const auto* refusal = std::get_if<CastRefusal>(&action.answer)) {
    observers_.stats.vote_refused(*refusal);
  }
  caller.mapped()(action.answer);
}

void Driver::perform(const Stop&) {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  timer_.cancel();
  sample_timer_.cancel();
  accept_timer_.cancel();
  on_stopped_();
}

void Driver::perform(const Note& note) {
  WitnessedNote witnessed{.note = note};
  TcpConnection* socket = nullptr;
  if (const auto* transition = std::get_if<note::Transition>(&note)) {
    witnessed.since_life = transition->since_life;
    if (transition->connection) socket = connection(*transition->connection);
    const auto info = socket == nullptr ? std::nullopt : socket->tcp_info();
    if (info) {
      const auto kernel_milliseconds =
          std::min(info->last_ack_received_milliseconds, info->last_data_received_milliseconds);
      witnessed.since_life =
          std::min<Duration>(witnessed.since_life, std::chrono::milliseconds(kernel_milliseconds));
    }
    if (!ends_connection(*transition)) socket = nullptr;
  } else if (const auto* closed = std::get_if<note::ConnectionClosed>(&note)) {
    if (!is_news(*closed)) return observers_.stats.tell(witnessed, monotonic_now(), wall_seconds());
    socket = connection(closed->connection);
  }
  if (socket != nullptr) witnessed.evidence = &socket->evidence();
  const Instant now = monotonic_now();
  observers_.events.tell(witnessed);
  observers_.stats.tell(witnessed, now, wall_seconds());
  observers_.history.tell(witnessed, now);
  observers_.story.tell(witnessed);
}

bool Driver::is_news(const note::ConnectionClosed& closed) {
  if (!closed.peer.empty()) return true;
  if (!stranger_news_.admit(monotonic_now())) {
    ++strangers_untold_;
    return false;
  }
  if (strangers_untold_ > 0) {
    observers_.log.warn("Refused " + std::to_string(strangers_untold_) +
                        " more connections of strangers, which were counted only");
    strangers_untold_ = 0;
  }
  return true;
}

void Driver::sample_tcp_info() {
  for (const Peer& peer : node_.peers()) {
    TcpConnection* found = peer.connection() ? connection(*peer.connection()) : nullptr;
    const auto info = found == nullptr ? std::nullopt : found->tcp_info();
    observers_.stats.tcp_info(peer.name(), info);
    observers_.history.tcp_info(peer.name(), info);
  }
  sample_timer_.expires_after(kSampleInterval);
  sample_timer_.async_wait([this](boost::system::error_code error) {
    if (!error) sample_tcp_info();
  });
}

std::shared_ptr<TcpConnection> Driver::make_connection(ConnectionId id) {
  TcpConnection::Owner& owner = *this;
  return connections_[id] = std::make_shared<TcpConnection>(context_, id, owner);
}

TcpConnection* Driver::connection(ConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

std::string Driver::peer_name(ConnectionId id) const {
  for (const Peer& peer : node_.peers()) {
    if (peer.connection() == id) return peer.name();
  }
  return {};
}

void Driver::pin_peers() {
  std::set<PublicKey> keys;
  for (const PeerSettings& peer : config_.node.peers)
    keys.insert(peer.key);
  peer_keys_ = std::make_shared<const std::set<PublicKey>>(std::move(keys));
}

// Who is dialled must be that peer; who dials may be any.
TlsWay Driver::way_to(const PeerSettings* peer) const {
  if (!tls_) return {};
  if (peer == nullptr) return {&*tls_, peer_keys_};
  return {&*tls_, std::make_shared<const std::set<PublicKey>>(std::set{peer->key})};
}

void Driver::on_connected(ConnectionId id) {
  pump(DialSucceeded{id});
}

void Driver::on_dial_failed(ConnectionId id, int error) {
  pump(DialFailed{id, error});
}

void Driver::on_secured(ConnectionId id, const PublicKey& key) {
  pump(Secured{id, key});
}

void Driver::on_handshake_failed(ConnectionId id, TlsFailure failure) {
  const std::string name = peer_name(id);
  if (!name.empty() || stranger_news_.admit(monotonic_now())) {
    observers_.log.warn("No TLS with " + (name.empty() ? "a stranger" : name) + " on connection " +
                        std::to_string(id.value()) + " (" + std::string(name_of(failure)) +
                        "): " + std::string(sentence_of(failure)));
  }
  const bool is_wrong_key = failure == TlsFailure::kWrongKey;
  pump(HandshakeFailed{id, is_wrong_key ? Reason::kWrongKey : Reason::kTlsFailed});
}

void Driver::on_bytes(ConnectionId id, std::span<const std::uint8_t> bytes) {
  // Reads are never made from inside an action, so this event is handled before `bytes` ends.
  pump(BytesReceived{id, bytes});
}

void Driver::on_end(ConnectionId id) {
  pump(StreamEnded{id});
}

void Driver::on_failed(ConnectionId id, const SocketFacts& facts) {
  pump(ConnectionFailed{id, facts});
}

void Driver::on_vote_send(ConnectionId id, const VoteSend& send) {
  const std::string peer = peer_name(id);
  observers_.events.vote_send(peer, id, send);
  observers_.story.vote_send(peer, send);
}

void Driver::on_vote_written(ConnectionId id, const VoteId& vote) {
  pump(VoteWritten{id, vote});
}

}  // namespace halfopen::node
