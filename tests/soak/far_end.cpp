#include "tests/soak/far_end.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cstring>

#include "tests/soak/pattern.hpp"

namespace halfopen::soak {
namespace {

constexpr std::uint64_t kListenerBit = std::uint64_t{1} << 62U;
constexpr std::size_t kBufferBytes = 65536;
// Bytes of one link that one event may move, before others have their turn.
constexpr int kBuffersPerTurn = 4;

std::array<char, kBufferBytes>& scratch() {
  static std::array<char, kBufferBytes> buffer;
  return buffer;
}

}  // namespace

void probe_each_second(const Descriptor& socket) {
  const int one = 1;
  const int probes = 5;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_KEEPIDLE, &one, sizeof one);
  setsockopt(socket.get(), IPPROTO_TCP, TCP_KEEPINTVL, &one, sizeof one);
  setsockopt(socket.get(), IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
  setsockopt(socket.get(), SOL_SOCKET, SO_KEEPALIVE, &one, sizeof one);
}

void FarEnd::listen(std::uint16_t port, Group group) {
  listeners_.push_back({load::listen_on(port), group});
  epoll_.add(listeners_.back().socket, EPOLLIN, kTagBit | kListenerBit | (listeners_.size() - 1));
}

void FarEnd::handle(const epoll_event& event) {
  const std::uint64_t tag = event.data.u64;
  if ((tag & kListenerBit) != 0) return accept_all(listeners_[tag & ~(kTagBit | kListenerBit)]);
  const auto found = links_.find(tag);
  if (found == links_.end()) return;
  if (!read(found->second, tag) || !reply(found->second, tag)) end(tag);
}

void FarEnd::accept_all(const Listener& listener) {
  while (auto accepted = load::accept_from(listener.socket)) {
    const std::uint64_t tag = kTagBit | ++accepted_;
    if (probing_) probe_each_second(*accepted);
    epoll_.add(*accepted, EPOLLIN, tag);
    Link& link = links_[tag];
    link.socket = std::move(*accepted);
    link.group = listener.group;
  }
}

bool FarEnd::read_header(Link& link) {
  const std::span<char> rest{link.header_bytes.data() + link.header_got,
                             link.header_bytes.size() - link.header_got};
  const auto bytes = load::read_some(link.socket, rest);
  if (!bytes) return false;
  link.header_got += *bytes;
  if (link.header_got < sizeof(Header)) return true;
  std::memcpy(&link.header, link.header_bytes.data(), sizeof(Header));
  if (link.header.magic == Header::kMagic) return true;
  if (link.group != Group::kCorrupt) report_.fail("the far end got a header that nobody sent");
  return false;
}

bool FarEnd::read(Link& link, std::uint64_t) {
  for (int i = 0; i < kBuffersPerTurn; ++i) {
    if (link.header_got < sizeof(Header)) {
      if (!read_header(link)) return false;
      if (link.header_got < sizeof(Header)) return true;
    }
    const auto bytes = load::read_some(link.socket, scratch());
    if (!bytes) return false;
    if (*bytes == 0) return true;
    const StreamKey key{link.header.connection, false};
    if (link.group != Group::kCorrupt &&
        !is_pattern(key, link.received, {scratch().data(), *bytes})) {
      report_.fail("connection " + std::to_string(link.header.connection) + " (" +
                   to_text(link.group) + "): wrong bytes upstream: " +
                   place_of(key, link.received, {scratch().data(), *bytes}, link.header.total));
      return false;
    }
    link.received += *bytes;
    report_.count_bytes(*bytes);
  }
  return true;
}

bool FarEnd::reply(Link& link, std::uint64_t tag) {
  while (link.sent < link.received) {
    const std::size_t size = std::min<std::uint64_t>(kBufferBytes, link.received - link.sent);
    const std::span<char> bytes{scratch().data(), size};
    fill_pattern({link.header.connection, true}, link.sent, bytes);
    const auto taken = load::write_some(link.socket, bytes);
    if (!taken) return false;
    link.sent += *taken;
    if (*taken < size) break;
  }
  const bool waits = link.sent < link.received;
  if (waits != link.waits_to_write) {
    link.waits_to_write = waits;
    epoll_.modify(link.socket, EPOLLIN | (waits ? EPOLLOUT : 0U), tag);
  }
  return true;
}

void FarEnd::end(std::uint64_t tag) {
  const Link& link = links_.at(tag);
  // Whether a connection without its header was complete is for the near end to say.
  if (link.group == Group::kExact && link.header_got == sizeof(Header) &&
      link.received != link.header.total) {
    report_.fail("connection " + std::to_string(link.header.connection) + " (exact): the far end " +
                 "saw its end after " + std::to_string(link.received) + " of " +
                 std::to_string(link.header.total) + " bytes");
  }
  links_.erase(tag);
}

void FarEnd::probe_all() {
  probing_ = true;
  for (const auto& [tag, link] : links_)
    probe_each_second(link.socket);
}

}  // namespace halfopen::soak
