#include "proxy/shell/proxy.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "base/assert.hpp"
#include "metrics/clock.hpp"
#include "proxy/shell/log.hpp"
#include "proxy/shell/socket_address.hpp"

namespace halfopen {
namespace {

// How often the segments swallowed by silent sockets are counted.
constexpr Duration kDropSampleInterval = std::chrono::milliseconds(100);

}  // namespace

Proxy::Proxy(ProxyContext& context, const ProxySettings& settings)
    : context_(context),
      settings_(settings),
      metrics_(context.metrics, settings.name),
      wakeup_(context.poller.context()) {
  make_listener();
}

Proxy::~Proxy() {
  stop();
}

void Proxy::make_listener() {
  listener_ =
      std::make_unique<Listener>(context_.poller, settings_.listen, context_.mark,
                                 [this](Descriptor socket, std::string client_address) {
                                   handle_accepted(std::move(socket), std::move(client_address));
                                 });
  if (!settings_.enabled) listener_->add_close_reason(CloseReason::kDisabled);
}

Result<void> Proxy::start() {
  auto opened = listener_->open();
  if (opened.has_error()) {
    settings_.enabled = false;
    listener_->add_close_reason(CloseReason::kDisabled);
    return opened;
  }
  settings_.listen = listener_->endpoint();
  if (settings_.enabled) announce("proxy_started");
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
  wakeup_at_.reset();
  if (settings_.enabled) announce("proxy_stopped");
  settings_.enabled = false;
  metrics_.retire();
}

Result<void> Proxy::change(const ProxySettings& settings) {
  HALFOPEN_ASSERT(settings.name == settings_.name);
  const bool moved = settings.listen != settings_.listen || settings.upstream != settings_.upstream;
  if (!moved && settings.enabled == settings_.enabled) return {};
  end_all("proxy_changed");
  if (settings_.enabled) announce("proxy_stopped");
  // The faults outlive the change: each is taken off the old listener and put on the new one.
  const Instant now = monotonic_now();
  for (Fault& fault : faults_)
    (void)fault.active->stop(now);
  listener_.reset();
  settings_ = settings;
  make_listener();
  auto started = start();
  for (Fault& fault : faults_) {
    fault.active = make_active_fault(*this, fault.config);
    fault.active->start(now);
  }
  schedule();
  return started;
}

ProxySettings Proxy::settings() const {
  return settings_;
}

Proxy::Fault& Proxy::add_fault(const std::string& name, const FaultConfig& config) {
  HALFOPEN_ASSERT(find_fault(name) == nullptr);
  faults_.push_back({name, config, make_active_fault(*this, config)});
  Fault& fault = faults_.back();
  metrics_.set_fault_active(type_of(config), true);
  write_event("fault_added",
              {{"fault", name}, {"type", type_of(config)}, {"attributes", attributes_of(config)}});
  fault.active->start(monotonic_now());
  schedule();
  return fault;
}

Result<void> Proxy::change_fault(Fault& fault, const FaultConfig& config) {
  if (auto changed = fault.active->change(config); changed.has_error()) return changed;
  fault.config = config;
  schedule();
  return {};
}

Result<void> Proxy::remove_fault(const std::string& name) {
  const auto found = std::find_if(faults_.begin(), faults_.end(),
                                  [&](const Fault& fault) { return fault.name == name; });
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
  metrics_.set_fault_active(type_of(fault->config), false);
  write_event("fault_removed", {{"fault", fault->name},
                                {"type", type_of(fault->config)},
                                {"attributes", attributes_of(fault->config)}});
  faults_.erase(fault);
}

Proxy::Fault* Proxy::find_fault(const std::string& name) {
  for (Fault& fault : faults_) {
    if (fault.name == name) return &fault;
  }
  return nullptr;
}

const Proxy::Fault* Proxy::find_fault_of_type(std::string_view type) const {
  for (const Fault& fault : faults_) {
    if (type_of(fault.config) == type) return &fault;
  }
  return nullptr;
}

std::vector<std::shared_ptr<Connection>> Proxy::connections() {
  std::vector<std::shared_ptr<Connection>> snapshot;
  snapshot.reserve(connections_.size());
  for (const auto& [id, connection] : connections_)
    snapshot.push_back(connection);
  return snapshot;
}

void Proxy::handle_accepted(Descriptor socket, std::string client_address) {
  if (connections_.size() >= context_.connections_max) {
    metrics_.count_outcome("limit");
    close_with(LegEnd::kRst, std::move(socket));
    return;
  }
  const ConnectionId id{context_.next_connection_id++};
  const auto connection =
      std::make_shared<Connection>(context_.poller, static_cast<ConnectionOwner&>(*this), id,
                                   std::move(socket), std::move(client_address), context_.mark);
  connections_.emplace(id, connection);
  metrics_.set_connections(connections_.size());
  for (const Fault& fault : faults_) {
    if (!connection->is_over()) fault.active->handle_accepted(*connection);
  }
  if (!connection->is_over()) connection->start(settings_.upstream);
}

void Proxy::handle_connected(Connection& connection) {
  metrics_.count_outcome("connected");
  write_event("connection_opened", {{"conn", connection.id().value()},
                                    {"client", connection.client_address()},
                                    {"upstream_local", connection.upstream_local()}});
  for (const Fault& fault : faults_)
    fault.active->handle_connected(connection);
  schedule();
}

void Proxy::handle_leg_event(Connection& connection, LegId leg) {
  for (const Fault& fault : faults_)
    fault.active->handle_leg_event(connection, leg);
}

void Proxy::handle_relayed(LegId from, std::size_t bytes) {
  metrics_.count_bytes(from, bytes);
}

void Proxy::handle_reset_relayed() {
  metrics_.count_reset(ResetCause::kRelayed);
}

void Proxy::handle_dropped(LegId leg, std::uint32_t segments) {
  metrics_.count_dropped(leg, segments);
}

void Proxy::handle_over(Connection& connection, const CloseReport& report) {
  if (report.reason == "upstream_refused" || report.reason == "upstream_timeout") {
    if (connection.upstream_local().empty()) metrics_.count_outcome(report.reason);
  }
  boost::json::object fields{{"conn", connection.id().value()},
                             {"client", connection.client_address()},
                             {"upstream_local", connection.upstream_local()},
                             {"reason", report.reason}};
  if (report.error != 0) fields["errno"] = errno_name(report.error);
  if (report.tcp_info) fields["tcp_info"] = to_json(*report.tcp_info);
  write_event("connection_closed", std::move(fields));
  for (const Fault& fault : faults_)
    fault.active->handle_over(connection);
  const auto found = connections_.find(connection.id());
  HALFOPEN_ASSERT(found != connections_.end());
  // It is in the middle of a call of its own: the last reference goes with the next turn.
  boost::asio::post(context_.poller.context(), [ended = std::move(found->second)] {});
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
           {{"proxy", settings_.name}, {"fault", found->name}, {"problem", problem.text}});
  metrics_.count_fault_failure(type_of(found->config));
  boost::json::object fields{{"fault", found->name}, {"what", problem.text}};
  if (connection) fields["conn"] = connection->value();
  write_event("fault_failed", std::move(fields));
}

void Proxy::announce(const char* event) {
  write_event(event,
              {{"listen", to_text(settings_.listen)}, {"upstream", to_text(settings_.upstream)}});
}

void Proxy::end_all(const std::string& reason) {
  for (const auto& connection : connections()) {
    connection->end(LegEnd::kFin, LegEnd::kFin, reason);
  }
}

void Proxy::handle_wakeup() {
  wakeup_at_.reset();
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
  dropped_collected_at_ = monotonic_now();
  for (const auto& [id, connection] : connections_)
    connection->collect_dropped();
  if (const auto syns = listener_->take_dropped(); syns > 0) {
    metrics_.count_dropped(LegId::kClient, syns);
  }
}

bool Proxy::anything_held() {
  return listener_->is_held() ||
         std::any_of(connections_.begin(), connections_.end(),
                     [](const auto& entry) { return entry.second->is_held(); });
}

// Arms the one timer for the earliest deadline; only a change of it costs a system call.
void Proxy::schedule() {
  std::optional<Instant> next;
  for (const Fault& fault : faults_) {
    const auto deadline = fault.active->next_deadline();
    if (deadline && (!next || *deadline < *next)) next = deadline;
  }
  if (anything_held()) {
    const Instant sample = dropped_collected_at_ + kDropSampleInterval;
    if (!next || sample < *next) next = sample;
  }
  if (next == wakeup_at_) return;
  wakeup_at_ = next;
  if (!next) {
    wakeup_.cancel();
    return;
  }
  wakeup_.expires_at(std::chrono::steady_clock::time_point(Duration{next->nanoseconds()}));
  wakeup_.async_wait([this](boost::system::error_code error) {
    if (!error) handle_wakeup();
  });
}

}  // namespace halfopen
