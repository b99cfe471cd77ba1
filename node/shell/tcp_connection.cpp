#include "node/shell/tcp_connection.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "metrics/clock.hpp"
#include "node/core/limits.hpp"
#include "node/shell/socket_options.hpp"

namespace halfopen::node {
namespace {

using boost::asio::ip::tcp;

constexpr std::size_t kReadBytes = std::size_t{64} * 1024;
constexpr int kReadsBeforeClose = 64;

}  // namespace

TcpConnection::TcpConnection(boost::asio::io_context& context, ConnectionId id, Owner& owner)
    : id_(id), owner_(owner), socket_(context), last_moved_(monotonic_now()) {}

void TcpConnection::dial(const tcp::endpoint& endpoint, const Defences& defences) {
  boost::system::error_code error;
  socket_.open(endpoint.protocol(), error);
  if (!error) {
    error.assign(set_socket_options(socket_.native_handle(), defences),
                 boost::system::system_category());
  }
  if (error) {
    dead_ = true;
    return owner_.on_dial_failed(id_, error.value());
  }
  socket_.async_connect(endpoint, [self = shared_from_this()](boost::system::error_code failure) {
    if (self->dead_) return;
    if (failure) {
      self->dead_ = true;
      return self->owner_.on_dial_failed(self->id_, failure.value());
    }
    self->on_established();
    self->owner_.on_connected(self->id_);
  });
}

void TcpConnection::take(tcp::socket socket, const Defences& defences) {
  socket_ = std::move(socket);
  // A socket that died while it waited to be accepted refuses options; its first read will say so.
  (void)set_socket_options(socket_.native_handle(), defences);
  on_established();
}

void TcpConnection::on_established() {
  established_ = true;
  boost::system::error_code ignored;
  socket_.native_non_blocking(true, ignored);
  last_moved_ = monotonic_now();
  if (const auto info = tcp_info()) acked_at_start_ = info->bytes_acked;
}

void TcpConnection::set_reading(bool reading) {
  reading_ = reading;
  if (reading_) wait_readable();
}

void TcpConnection::wait_readable() {
  if (dead_ || read_wait_pending_) return;
  read_wait_pending_ = true;
  socket_.async_wait(tcp::socket::wait_read,
                     [self = shared_from_this()](boost::system::error_code error) {
                       self->read_wait_pending_ = false;
                       if (self->dead_ || !self->reading_ || error) return;
                       self->read_some();
                     });
}

void TcpConnection::read_some() {
  std::array<std::uint8_t, kReadBytes> buffer;  // NOLINT: filled by recv
  const ssize_t count = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count > 0) {
    last_moved_ = monotonic_now();
    owner_.on_bytes(id_, std::span(buffer).first(static_cast<std::size_t>(count)));
  } else if (count == 0) {
    reading_ = false;
    owner_.on_end(id_);
  } else if (errno != EAGAIN && errno != EINTR) {
    fail("recv", errno);
  }
  if (reading_) wait_readable();
}

Duration TcpConnection::idle() const {
  return monotonic_now() - last_moved_;
}

void TcpConnection::write(const Write& action) {
  if (dead_) return;
  if (queued_bytes_ + action.frame->size() > kSendQueueBytesMax) return fail("send", ENOBUFS);
  queued_bytes_ += action.frame->size();
  queue_.push_back(
      {.frame = action.frame, .writes = action.writes, .vote = action.vote, .idle = idle()});
  if (!write_wait_pending_) flush();
}

void TcpConnection::flush() {
  while (!dead_ && !queue_.empty()) {
    Outgoing& front = queue_.front();
    const int error = write_piece(front);
    if (error == EAGAIN) return wait_writable();
    if (error != 0) return fail("send", error);
    if (front.offset < front.frame->size()) continue;
    const Outgoing done = std::move(front);
    queue_.pop_front();
    queued_bytes_ -= done.frame->size();
    if (done.vote) owner_.on_vote_written(id_, *done.vote);
  }
}

// One send(2). Answers 0 or its errno.
int TcpConnection::write_piece(Outgoing& outgoing) {
  const std::vector<std::uint8_t>& frame = *outgoing.frame;
  const bool only_header = outgoing.writes > 1 && outgoing.offset < kFrameHeaderBytes;
  const std::size_t end = only_header ? kFrameHeaderBytes : frame.size();
  ssize_t count = 0;
  do {
    count = ::send(socket_.native_handle(), frame.data() + outgoing.offset, end - outgoing.offset,
                   MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  const int error = count < 0 ? errno : 0;
  if (error == EAGAIN) return error;
  const std::size_t taken = count < 0 ? 0 : static_cast<std::size_t>(count);
  if (taken > 0) last_moved_ = monotonic_now();
  outgoing.offset += taken;
  bytes_written_ += taken;
  if (outgoing.vote) {
    owner_.on_vote_send(
        id_, {*outgoing.vote, taken, outgoing.offset, frame.size(), error, outgoing.idle});
  }
  // The idle time that a person asks about ended with the frame, not with its first piece.
  if (error != 0) evidence_ = gather_evidence(socket_.native_handle(), error, outgoing.idle);
  return error;
}

void TcpConnection::wait_writable() {
  write_wait_pending_ = true;
  socket_.async_wait(tcp::socket::wait_write,
                     [self = shared_from_this()](boost::system::error_code error) {
                       self->write_wait_pending_ = false;
                       if (!error) self->flush();
                     });
}

void TcpConnection::fail(std::string_view operation, int error) {
  if (dead_) return;
  dead_ = true;
  reading_ = false;
  if (!evidence_) evidence_ = gather_evidence(socket_.native_handle(), error, idle());
  evidence_->operation = operation;
  SocketFacts facts{.error = error};
  if (evidence_->tcp_info) {
    // After a timeout the kernel has thrown its queue away and says that nothing is unacknowledged;
    // its count of acknowledged bytes still tells.
    const std::uint64_t acked = evidence_->tcp_info->bytes_acked - acked_at_start_;
    facts.unacked_bytes = bytes_written_ > acked ? bytes_written_ - acked : 0;
  }
  owner_.on_failed(id_, facts);
}

std::optional<TcpInfo> TcpConnection::tcp_info() {
  if (!socket_.is_open() || !established_) return std::nullopt;
  return read_tcp_info(socket_.native_handle());
}

const Evidence& TcpConnection::evidence() {
  if (!evidence_) {
    evidence_ = established_ && socket_.is_open()
                    ? gather_evidence(socket_.native_handle(), 0, idle())
                    : Evidence{};
  }
  return *evidence_;
}

void TcpConnection::close() {
  dead_ = true;
  reading_ = false;
  queue_.clear();
  if (!socket_.is_open()) return;
  if (established_) {
    // Closing with unread bytes would send a RST, and the peer could lose what it has not read yet.
    const int descriptor = socket_.native_handle();
    std::array<std::uint8_t, kReadBytes> discarded;  // NOLINT: never looked at
    for (int i = 0; i < kReadsBeforeClose; ++i) {
      if (::recv(descriptor, discarded.data(), discarded.size(), MSG_DONTWAIT) <= 0) break;
    }
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace halfopen::node
