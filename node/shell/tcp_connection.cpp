#include "node/shell/tcp_connection.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
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
// Frames that one send(2) takes.
constexpr std::size_t kFramesPerSend = 64;

iovec piece_of(std::span<const std::uint8_t> bytes) {
  // sendmsg(2) only reads what an iovec points to, but its type cannot say so.
  return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};  // NOLINT
}

}  // namespace

TcpConnection::TcpConnection(boost::asio::io_context& context, ConnectionId id, Owner& owner)
    : context_(context), id_(id), owner_(owner), socket_(context), last_moved_(monotonic_now()) {}

void TcpConnection::dial(const tcp::endpoint& endpoint, const Defences& defences, TlsWay way) {
  way_ = std::move(way);
  is_dialer_ = true;
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
    if (self->dead_ || !self->is_tls()) return;
    self->make_session(TlsRole::kDialer);
    self->flush();
    self->wait_readable();
  });
}

void TcpConnection::take(tcp::socket socket, const Defences& defences, TlsWay way) {
  way_ = std::move(way);
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

void TcpConnection::make_session(TlsRole role) {
  tls_ = std::make_unique<TlsSession>(*way_.context, role, way_.accepted);
  if (role == TlsRole::kDialer) tls_->start();
}

void TcpConnection::set_reading(bool reading) {
  reading_ = reading;
  if (reading_) wait_readable();
}

bool TcpConnection::wants_to_read() const {
  const bool shakes_hands = tls_ && tls_->state() == TlsSession::State::kHandshaking;
  return !dead_ && !ended_ && (reading_ || shakes_hands);
}

void TcpConnection::wait_readable() {
  if (!wants_to_read() || read_wait_pending_) return;
  read_wait_pending_ = true;
  socket_.async_wait(tcp::socket::wait_read,
                     [self = shared_from_this()](boost::system::error_code error) {
                       self->read_wait_pending_ = false;
                       if (error || !self->wants_to_read()) return;
                       self->read_some();
                     });
}

void TcpConnection::read_some() {
  std::array<std::uint8_t, kReadBytes> buffer;  // NOLINT: filled by recv
  const ssize_t count = ::recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count > 0) {
    last_moved_ = monotonic_now();
    on_wire(std::span(buffer).first(static_cast<std::size_t>(count)));
  } else if (count == 0) {
    // A FIN is a FIN, whether a goodbye came before it or not: votes have acknowledgements.
    ended_ = true;
    owner_.on_end(id_);
  } else if (errno != EAGAIN && errno != EINTR) {
    fail("recv", errno);
  }
  wait_readable();
}

void TcpConnection::on_wire(std::span<const std::uint8_t> bytes) {
  if (!is_tls()) return owner_.on_bytes(id_, bytes);
  // Made at the first byte: who only connects costs no more than a socket.
  if (!tls_) make_session(TlsRole::kAcceptor);
  tls_->feed(bytes);
  if (tls_->state() == TlsSession::State::kOpen && !told_secured_) {
    told_secured_ = true;
    owner_.on_secured(id_, *tls_->peer_key());
  }
  std::array<std::uint8_t, kReadBytes> buffer;  // NOLINT: filled by read
  while (!dead_) {
    const std::size_t count = tls_->read(buffer);
    if (count == 0) break;
    heard_plaintext_ = true;
    owner_.on_bytes(id_, std::span(buffer).first(count));
  }
  if (dead_) return;
  if (tls_->state() == TlsSession::State::kFailed) return end_session();
  flush();
  if (dead_ || tls_->state() != TlsSession::State::kClosed) return;
  ended_ = true;
  owner_.on_end(id_);
}

void TcpConnection::end_session() {
  const TlsFailure failure = tls_->failure().value_or(TlsFailure::kBroken);
  // The alert, for whoever looks into the other side's log.
  std::size_t taken = 0;
  (void)send_all(std::array{piece_of(tls_->ciphertext())}, taken);
  // The acceptor judges our key when the handshake is over for us already.
  const bool is_refusal = is_dialer_ && !heard_plaintext_ && failure == TlsFailure::kRefused;
  if (told_secured_ && !is_refusal) return fail("recv", EPROTO);
  dead_ = true;
  owner_.on_handshake_failed(id_, failure);
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
  flush_soon();
}

void TcpConnection::flush_soon() {
  if (flush_pending_ || write_wait_pending_) return;
  flush_pending_ = true;
  boost::asio::post(context_, [self = shared_from_this()] {
    self->flush_pending_ = false;
    self->flush();
  });
}

bool TcpConnection::has_to_send() const {
  if (!is_tls()) return !queue_.empty();
  if (!tls_) return false;
  const bool can_encrypt = tls_->state() == TlsSession::State::kOpen && !queue_.empty();
  return can_encrypt || !tls_->ciphertext().empty();
}

void TcpConnection::flush() {
  if (write_wait_pending_) return;
  while (!dead_ && has_to_send()) {
    int error = 0;
    if (is_tls()) {
      error = send_records();
    } else if (queue_.front().writes > 1) {
      error = send_piece();
    } else {
      error = send_frames();
    }
    if (error == EAGAIN) return wait_writable();
    if (error != 0) return fail("send", error);
  }
}

int TcpConnection::send_all(std::span<const iovec> pieces, std::size_t& taken) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // NOLINT: only read
  message.msg_iovlen = pieces.size();
  ssize_t count = 0;
  do {
    count = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (count < 0 && errno == EINTR);
  const int error = count < 0 ? errno : 0;
  taken = count < 0 ? 0 : static_cast<std::size_t>(count);
  if (taken > 0) last_moved_ = monotonic_now();
  bytes_written_ += taken;
  if (error == 0 || error == EAGAIN || queue_.empty()) return error;
  const Outgoing& first = queue_.front();
  tell_vote_send(first, 0, error);
  // The idle time that a person asks about ended with the frame, not with its first piece.
  evidence_ = gather_evidence(socket_.native_handle(), error, first.idle);
  return error;
}

// Header or body of the first frame.
int TcpConnection::send_piece() {
  const Outgoing& front = queue_.front();
  const std::span<const std::uint8_t> frame(*front.frame);
  const std::size_t end = front.offset < kFrameHeaderBytes ? kFrameHeaderBytes : frame.size();
  const std::array piece{piece_of(frame.subspan(front.offset, end - front.offset))};
  std::size_t taken = 0;
  const int error = send_all(piece, taken);
  on_taken(taken);
  return error;
}

int TcpConnection::send_frames() {
  std::array<iovec, kFramesPerSend> pieces{};
  std::size_t count = 0;
  while (count < std::min(queue_.size(), pieces.size()) && queue_[count].writes == 1) {
    const Outgoing& outgoing = queue_[count];
    pieces[count] = piece_of(std::span(*outgoing.frame).subspan(outgoing.offset));
    ++count;
  }
  std::size_t taken = 0;
  const int error = send_all(std::span(pieces).first(count), taken);
  on_taken(taken);
  return error;
}

int TcpConnection::send_records() {
  if (tls_->ciphertext().empty() && !encrypt_frames()) return EPROTO;
  std::size_t taken = 0;
  const int error = send_all(std::array{piece_of(tls_->ciphertext())}, taken);
  tls_->take_ciphertext(taken);
  if (!tls_->ciphertext().empty()) return error;
  while (!dead_ && encrypted_frames_ > 0) {
    --encrypted_frames_;
    Outgoing& front = queue_.front();
    front.offset = front.frame->size();
    tell_vote_send(front, front.offset, 0);
    finish_front();
  }
  return error;
}

// As many whole frames as fit one record, at least one.
bool TcpConnection::encrypt_frames() {
  record_.clear();
  encrypted_frames_ = 0;
  for (const Outgoing& outgoing : queue_) {
    const bool fits = record_.size() + outgoing.frame->size() <= TlsSession::kRecordBytes;
    if (encrypted_frames_ > 0 && !fits) break;
    record_.insert(record_.end(), outgoing.frame->begin(), outgoing.frame->end());
    ++encrypted_frames_;
  }
  return tls_->write(record_);
}

// The kernel took so many bytes from the front of the queue.
void TcpConnection::on_taken(std::size_t count) {
  while (!dead_ && count > 0) {
    Outgoing& front = queue_.front();
    const std::size_t piece = std::min(count, front.frame->size() - front.offset);
    front.offset += piece;
    count -= piece;
    tell_vote_send(front, piece, 0);
    if (front.offset == front.frame->size()) finish_front();
  }
}

void TcpConnection::tell_vote_send(const Outgoing& outgoing, std::size_t bytes, int error) {
  if (!outgoing.vote || closing_) return;
  owner_.on_vote_send(
      id_, {*outgoing.vote, bytes, outgoing.offset, outgoing.frame->size(), error, outgoing.idle});
}

void TcpConnection::finish_front() {
  const Outgoing done = std::move(queue_.front());
  queue_.pop_front();
  queued_bytes_ -= done.frame->size();
  if (done.vote && !closing_) owner_.on_vote_written(id_, *done.vote);
}

void TcpConnection::wait_writable() {
  if (closing_) return;
  write_wait_pending_ = true;
  socket_.async_wait(tcp::socket::wait_write,
                     [self = shared_from_this()](boost::system::error_code error) {
                       self->write_wait_pending_ = false;
                       if (!error) self->flush();
                     });
}

void TcpConnection::fail(std::string_view operation, int error) {
  if (dead_ || closing_) return;
  dead_ = true;
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
  if (!dead_ && established_) {
    // What was written in this turn leaves before the FIN, as far as the kernel takes it at once.
    closing_ = true;
    flush();
    if (tls_) tls_->close();
    flush();
  }
  dead_ = true;
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
