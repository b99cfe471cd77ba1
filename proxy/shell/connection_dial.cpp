// How a connection finds its upstream: name to addresses, one address after the other, one deadline
// for all of it.
#include <sys/socket.h>

#include <cerrno>

#include "metrics/clock.hpp"
#include "proxy/shell/connection.hpp"
#include "proxy/shell/socket_address.hpp"

namespace halfopen {
namespace {

// The kernel alone would take over two minutes.
constexpr auto kDialDeadline = std::chrono::seconds(5);

}  // namespace

void Connection::dial() {
  phase_ = Phase::kDialing;
  dial_->deadline = monotonic_now() + kDialDeadline;
  schedule();
  // A hold interrupted this dial; TCP goes on with it, or the name server's answer is awaited.
  if (leg(LegId::kUpstream).is_open() || dial_->question) return;
  if (!dial_->endpoints.empty()) return dial_next(ECONNREFUSED);
  const auto parsed = split_host_port(dial_->upstream);
  if (parsed.has_error() || parsed->port == 0) {
    return fail_dial(EADDRNOTAVAIL, "no address with a port, expected HOST:PORT");
  }
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(parsed->host, error);
  if (!error) {
    dial_->endpoints = {{address, parsed->port}};
    return dial_next(ECONNREFUSED);
  }
  dial_->question = settings_.resolver.resolve(
      parsed->host.empty() ? "localhost" : parsed->host, parsed->port,
      [this](Result<Endpoints> found) { handle_resolved(std::move(found)); });
}

void Connection::handle_resolved(Result<Endpoints> found) {
  dial_->question.reset();
  if (is_over()) return;
  if (found.has_error()) {
    if (is_held()) return;  // asked again on release
    return fail_dial(EHOSTUNREACH, found.error().text);
  }
  dial_->endpoints = std::move(*found);
  if (!is_held()) dial_next(ECONNREFUSED);
}

// The first address that can be dialled, or the error of the last one.
void Connection::dial_next(int last_error) {
  while (dial_->tried < dial_->endpoints.size()) {
    const auto endpoint = dial_->endpoints.at(dial_->tried++);
    last_error = connect_to(endpoint);
    if (last_error == 0) return;
  }
  fail_dial(last_error);
}

int Connection::connect_to(const boost::asio::ip::tcp::endpoint& endpoint) {
  Descriptor socket{::socket(endpoint.protocol().family(),
                             SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP)};
  if (!socket.is_open()) return errno;
  set_no_delay(socket.get());
  keep_urgent_in_line(socket.get());
  const int result =
      connect(socket.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size()));
  if (result != 0 && errno != EINPROGRESS) return errno;
  mutable_leg(LegId::kUpstream).open(std::move(socket));
  return 0;
}

void Connection::handle_dial_event(std::uint32_t events) {
  const int socket = leg(LegId::kUpstream).socket();
  if (const int error = take_socket_error(socket); error != 0) {
    mutable_leg(LegId::kUpstream).end(LegEnd::kFin);
    return dial_next(error);
  }
  upstream_local_ = local_endpoint(socket);
  dial_.reset();
  phase_ = Phase::kRelaying;
  note_edges(LegId::kUpstream, events);
  owner_.handle_connected(*this);
  // The client may have sent something meanwhile, which its flow has noted.
  for (const LegId from : {LegId::kUpstream, LegId::kClient}) {
    if (is_over() || is_still()) return;
    run_flow(from);
  }
  if (!is_over()) schedule();
}

void Connection::fail_dial(int error, std::string problem) {
  report_ = std::make_unique<CloseReport>();
  report_->reason = error == ETIMEDOUT ? "upstream_timeout" : "upstream_refused";
  report_->error = error;
  report_->problem = std::move(problem);
  end(LegEnd::kRst, LegEnd::kRst, report_->reason);
}

}  // namespace halfopen
