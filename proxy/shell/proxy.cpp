#include "proxy/shell/proxy.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "metrics/clock.hpp"
#include "proxy/shell/log.hpp"
#include "proxy/shell/socket_address.hpp"

namespace halfopen {
namespace {

// How often the segments swallowed by silent sockets are counted.
constexpr Duration kDropSampleInterval = std::chrono::milliseconds(100);
// A storm of dials is one line of the log a second.
constexpr Duration kToldInterval = std::chrono::seconds(1);

// A fault as events tell of it.
boost::json::object described(const FaultSpec& spec) {
  boost::json::object fields{{"fault", spec.name},
                             {"type", type_of(spec.config)},
                             {"attributes", attributes_of(spec.config)}};
  if (is_stream_fault(spec.config)) {
    fields["stream"] = to_text(spec.stream);
    fields["toxicity"] = spec.toxicity;
  }
  return fields;
}

}  // namespace

Proxy::Proxy(ProxyContext& context, const ProxySettings& settings)
    : context_(context),
      settings_(settings),
      metrics_(context.metrics, settings.name),
      wakeup_(context.loop, [this] { handle_wakeup(); }) {
  metrics_.set_addresses(settings.listen, settings.upstream);
  make_listener({});
}

Proxy::~Proxy() {
  stop();
}

void Proxy::make_listener(const boost::asio::ip::tcp::endpoint& address) {
  listener_ = std::make_unique<Listener>(
      context_.loop, address, context_.mark,
      [this](Descriptor socket, const boost::asio::ip::tcp::endpoint& client) {
        if (socket.is_open()) return handle_accepted(std::move(socket), client);
        report_turned_away("descriptors of this process (ulimit -n)");
      });
  if (!settings_.enabled) listener_->add_close_reason(CloseReason::kDisabled);
}

// An empty text is any port of any address.
Result<boost::asio::ip::tcp::endpoint> Proxy::find_address(const std::string& listen) {
  HostAndPort parsed;
  if (!listen.empty()) {
    HALFOPEN_TRY(given, split_host_port(listen));
    parsed = std::move(given);
  }
  HALFOPEN_TRY(found, context_.resolver.resolve_here(parsed.host, parsed.port));
  return found.front();
}

Result<void> Proxy::start() {
  if (!settings_.enabled) return {};
  Result<void> opened;
  if (auto address = find_address(settings_.listen); address.has_error()) {
    opened = Problem{"listen tcp: ", address.error().text};
  } else {
    make_listener(*address);
    opened = listener_->open();
  }
  if (opened.has_error()) {
    settings_.enabled = false;
    listener_->add_close_reason(CloseReason::kDisabled);
    return opened;
  }
  settings_.listen = to_text(listener_->endpoint());
  metrics_.set_addresses(settings_.listen, settings_.upstream);
  announce("proxy_started");
  return {};
}

void Proxy::stop() {
  end_all("proxy_deleted");
  listener_->add_close_reason(CloseReason::kDisabled);
  while (!faults_.empty()) {
    (void)faults_.front().active->stop(monotonic_now());
    forget_fault(faults_.begin());
  }
  wakeup_.cancel();
  if (settings_.enabled) announce("proxy_stopped");
  settings_.enabled = false;
  metrics_.retire();
}

Result<bool> Proxy::differs(const std::string& listen, const std::string& upstream) {
  HALFOPEN_TRY(address, find_address(listen));
  return to_text(address) != settings_.listen || upstream != settings_.upstream;
}

Result<void> Proxy::change(const ProxySettings& settings) {
  HALFOPEN_ASSERT(settings.name == settings_.name);
  settings_.half_close = settings.half_close;  // of the connections to come
  HALFOPEN_TRY(moved, differs(settings.listen, settings.upstream));
  if (!moved && settings.enabled == settings_.enabled) return {};
  end_all("proxy_changed");
  if (settings_.enabled) announce("proxy_stopped");
  // The faults outlive the change: each is taken off the old listener and put on the new one.
  const Instant now = monotonic_now();
  for (Fault& fault : faults_)
    (void)fault.active->stop(now);
  listener_->add_close_reason(CloseReason::kDisabled);
  settings_ = settings;
  make_listener({});
  auto started = start();
  for (Fault& fault : faults_) {
    fault.active = make_active_fault(*this, fault.spec);
    fault.active->start(now);
  }
  schedule();
  return started;
}

std::string Proxy::listen_text() const {
  return settings_.listen;
}

Proxy::Fault& Proxy::add_fault(const FaultSpec& spec) {
  HALFOPEN_ASSERT(find_fault(spec.name) == nullptr);
  faults_.push_back({spec, make_active_fault(*this, spec)});
  Fault& fault = faults_.back();
  metrics_.set_fault_active(type_of(spec.config), true);
  write_event("fault_added", described(spec));
  fault.active->start(monotonic_now());
  schedule();
  return fault;
}

Result<void> Proxy::change_fault(Fault& fault, const FaultSpec& spec) {
  if (auto changed = fault.active->change_spec(spec); changed.has_error()) return changed;
  fault.spec = spec;
  schedule();
  return {};
}

Result<void> Proxy::remove_fault(const std::string& name) {
  const auto found = std::find_if(faults_.begin(), faults_.end(),
                                  [&](const Fault& fault) { return fault.spec.name == name; });
  HALFOPEN_ASSERT(found != faults_.end());
  if (auto stopped = found->active->stop(monotonic_now()); stopped.has_error()) {
    schedule();
    return stopped;
  }
  forget_fault(found);
  // What another fault had put off for the sake of this one is due now.
  handle_wakeup();
  return {};
}

Result<std::size_t> Proxy::flush_fault(Fault& fault) {
  auto flushed = fault.active->flush(monotonic_now());
  schedule();
  return flushed;
}

void Proxy::forget_fault(std::vector<Fault>::iterator fault) {
  const FaultSpec spec = std::move(fault->spec);
  faults_.erase(fault);
  const std::string_view type = type_of(spec.config);
  metrics_.set_fault_active(type, find_fault_of_type(type) != nullptr);
  write_event("fault_removed", described(spec));
}

Proxy::Fault* Proxy::find_fault(const std::string& name) {
  for (Fault& fault : faults_) {
    if (fault.spec.name == name) return &fault;
  }
  return nullptr;
}

const Proxy::Fault* Proxy::find_fault_of_type(std::string_view type) const {
  for (const Fault& fault : faults_) {
    if (type_of(fault.spec.config) == type) return &fault;
  }
  return nullptr;
}

std::vector<std::shared_ptr<Connection>> Proxy::connections() {
  std::vector<std::shared_ptr<Connection>> snapshot;
  snapshot.reserve(connections_.size());
  for (const auto& [id, connection] : connections_)
    snapshot.push_back(connection);
  std::sort(snapshot.begin(), snapshot.end(),
            [](const auto& left, const auto& right) { return left->id() < right->id(); });
  return snapshot;
}

Connection* Proxy::find_connection(ConnectionId id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

void Proxy::handle_accepted(Descriptor socket, const boost::asio::ip::tcp::endpoint& client) {
  if (connections_.size() >= context_.connections_max) {
    close_with(LegEnd::kRst, std::move(socket));
    return report_turned_away("--connections-max " + std::to_string(context_.connections_max));
  }
  const ConnectionId id{context_.next_connection_id++};
  const ConnectionSettings settings{context_.loop, context_.resolver, context_.pipes, context_.mark,
                                    settings_.half_close};
  const auto connection = std::make_shared<Connection>(
      settings, static_cast<ConnectionOwner&>(*this), id, ++accepted_, std::move(socket), client);
  connections_.emplace(id, connection);
  metrics_.set_connections(connections_.size());
  for (const Fault& fault : faults_) {
    if (!connection->is_over()) fault.active->handle_accepted(*connection);
  }
  if (!connection->is_over()) connection->start(settings_.upstream);
  // A fault that has silenced it wants to be woken.
  if (!faults_.empty()) schedule();
}

void Proxy::report_turned_away(const std::string& limit) {
  metrics_.count_outcome("limit");
  const Instant now = monotonic_now();
  if (turned_away_told_at_ && now < *turned_away_told_at_ + kToldInterval) return;
  turned_away_told_at_ = now;
  log_line(LogLevel::kWarning, "a client was turned away by a reset, this many are here",
           {{"proxy", settings_.name},
            {"connections", std::to_string(connections_.size())},
            {"limit", limit}});
  write_event("connection_refused", {{"reason", "limit"}, {"limit", limit}});
}

void Proxy::report_dial(const CloseReport& report) {
  metrics_.count_outcome(report.reason);
  const Instant now = monotonic_now();
  if (dial_told_at_ && now < *dial_told_at_ + kToldInterval) return;
  dial_told_at_ = now;
  log_line(LogLevel::kWarning, "a client was reset, since its upstream was not reached",
           {{"proxy", settings_.name},
            {"upstream", settings_.upstream},
            {"problem", report.problem.empty() ? errno_name(report.error) : report.problem}});
}

void Proxy::handle_connected(Connection& connection) {
  metrics_.count_outcome("connected");
  if (context_.events.is_open()) {
    write_event("connection_opened", {{"conn", connection.id().value()},
                                      {"client", connection.client_address()},
                                      {"upstream_local", connection.upstream_local()}});
  }
  for (const Fault& fault : faults_) {
    if (!connection.is_over()) fault.active->handle_connected(connection);
  }
  schedule();
}

void Proxy::handle_leg_event(Connection& connection, LegId leg) {
  for (const Fault& fault : faults_)
    fault.active->handle_leg_event(connection, leg);
  // Who has just moved is looked at sooner than was planned.
  if (!faults_.empty()) schedule();
}

void Proxy::handle_moved(LegId from, std::size_t received, std::size_t relayed) {
  metrics_.count_moved(from, received, relayed);
}

void Proxy::handle_reset_relayed() {
  metrics_.count_reset(ResetCause::kRelayed);
}

void Proxy::handle_reset_by_fault() {
  metrics_.count_reset(ResetCause::kStreamFault, 2);
}

void Proxy::handle_silencing(Connection& connection, LegId leg) {
  for (const Fault& fault : faults_)
    fault.active->handle_silencing(connection, leg);
}

void Proxy::handle_silence(bool is_silent) {
  silent_connections_ += is_silent ? 1 : std::size_t(-1);
}

void Proxy::handle_dropped(LegId leg, std::uint32_t segments) {
  metrics_.count_dropped(leg, segments);
}

void Proxy::handle_over(Connection& connection, const CloseReport& report) {
  if (report.reason == "upstream_refused" || report.reason == "upstream_timeout") {
    if (!connection.was_connected()) report_dial(report);
  }
  if (context_.events.is_open()) {
    boost::json::object fields{{"conn", connection.id().value()},
                               {"client", connection.client_address()},
                               {"upstream_local", connection.upstream_local()},
                               {"reason", report.reason}};
    if (report.error != 0) fields["errno"] = errno_name(report.error);
    if (report.tcp_info) fields["tcp_info"] = to_json(*report.tcp_info);
    write_event("connection_closed", std::move(fields));
  }
  for (const Fault& fault : faults_)
    fault.active->handle_over(connection);
  const auto found = connections_.find(connection.id());
  HALFOPEN_ASSERT(found != connections_.end());
  // It is in the middle of a call of its own: the last reference goes with the next turn.
  context_.loop.post([ended = std::move(found->second)] {});
  connections_.erase(found);
  metrics_.set_connections(connections_.size());
}

void Proxy::write_event(std::string_view event, boost::json::object fields) {
  fields["proxy"] = settings_.name;
  context_.events.write(event, std::move(fields));
}

void Proxy::report_failure(const ActiveFault& failed, std::optional<ConnectionId> connection,
                           const Problem& problem) {
  const auto found = std::find_if(faults_.begin(), faults_.end(), [&](const Fault& fault) {
    return fault.active.get() == &failed;
  });
  HALFOPEN_ASSERT(found != faults_.end());
  log_line(LogLevel::kError, "a fault could not be produced",
           {{"proxy", settings_.name}, {"fault", found->spec.name}, {"problem", problem.text}});
  metrics_.count_fault_failure(type_of(found->spec.config));
  boost::json::object fields{{"fault", found->spec.name}, {"what", problem.text}};
  if (connection) fields["conn"] = connection->value();
  write_event("fault_failed", std::move(fields));
}

void Proxy::announce(const char* event) {
  log_line(
      LogLevel::kInfo, event,
      {{"proxy", settings_.name}, {"listen", settings_.listen}, {"upstream", settings_.upstream}});
  write_event(event, {{"listen", settings_.listen}, {"upstream", settings_.upstream}});
}

void Proxy::end_all(const std::string& reason) {
  for (const auto& connection : connections()) {
    connection->end(LegEnd::kFin, LegEnd::kFin, reason);
  }
}

void Proxy::handle_wakeup() {
  const Instant now = monotonic_now();
  for (const Fault& fault : faults_)
    fault.active->handle_timeout(now);
  forget_finished_faults();
  collect_dropped();
  schedule();
}

void Proxy::forget_finished_faults() {
  for (std::size_t i = 0; i < faults_.size();) {
    if (faults_.at(i).active->is_over()) {
      forget_fault(faults_.begin() + static_cast<std::ptrdiff_t>(i));
    } else {
      ++i;
    }
  }
}

void Proxy::collect_dropped() {
  if (silent_connections_ == 0 && !listener_->is_held()) return;
  const Instant now = monotonic_now();
  if (now < dropped_collected_at_ + kDropSampleInterval) return;
  dropped_collected_at_ = now;
  for (const auto& [id, connection] : connections_)
    connection->collect_dropped();
  if (const auto syns = listener_->take_dropped(); syns > 0) {
    metrics_.count_dropped(LegId::kClient, syns);
  }
}

// Arms the one timer for the earliest deadline.
void Proxy::schedule() {
  std::optional<Instant> next;
  for (const Fault& fault : faults_) {
    const auto deadline = fault.active->next_deadline();
    if (deadline && (!next || *deadline < *next)) next = deadline;
  }
  if (silent_connections_ > 0 || listener_->is_held()) {
    const Instant sample = dropped_collected_at_ + kDropSampleInterval;
    if (!next || sample < *next) next = sample;
  }
  if (!next) {
    wakeup_.cancel();
  } else if (!wakeup_.is_armed() || wakeup_.deadline() != *next) {
    wakeup_.arm(*next);
  }
}

}  // namespace halfopen
