#include "tests/soak/near_end.hpp"

#include <cerrno>
#include <cstring>

#include "tests/soak/pattern.hpp"

namespace halfopen::soak {
namespace {

using load::kMillisecondNs;
using load::kSecondNs;

constexpr std::size_t kBufferBytes = 65536;
constexpr int kBuffersPerTurn = 4;
// A connection that only delays may meet, and that owes or is owed bytes for so long, is stuck.
constexpr std::int64_t kStuckNs = 60 * kSecondNs;
constexpr std::uint64_t kPlaceBits = 32;

std::array<char, kBufferBytes>& scratch() {
  static std::array<char, kBufferBytes> buffer;
  return buffer;
}

}  // namespace

NearEnd::NearEnd(load::Epoll& epoll, Report& report, std::vector<Target> targets,
                 std::size_t connections, std::uint64_t seed)
    : epoll_(epoll),
      report_(report),
      targets_(std::move(targets)),
      random_(seed),
      lives_(connections),
      now_ns_(load::now_ns()) {
  // Not all at once: a backlog that overflows is not what is looked at.
  for (std::size_t i = 0; i < lives_.size(); ++i)
    due_.push({now_ns_ + static_cast<std::int64_t>(i) * kMillisecondNs / 2, i, 0});
}

std::uint64_t NearEnd::tag_of(std::size_t place) const {
  // Without the far end's bit; 0 is the standard input's.
  return (std::uint64_t{lives_[place].generation & 0x3fffffffU} << kPlaceBits) | (place + 1);
}

void NearEnd::schedule(std::size_t place, std::int64_t in_ns) {
  due_.push({now_ns_ + in_ns, place, lives_[place].generation});
}

std::int64_t NearEnd::handle_time(std::int64_t now_ns) {
  now_ns_ = now_ns;
  while (!due_.empty() && due_.top().at_ns <= now_ns_) {
    const Due next = due_.top();
    due_.pop();
    Life& life = lives_[next.place];
    if (life.generation != next.generation) continue;
    if (life.socket.is_open()) {
      step(next.place);
    } else if (!finishing_) {
      begin(next.place);
    }
  }
  if (now_ns_ >= next_check_ns_) {
    look_for_stuck();
    next_check_ns_ = now_ns_ + kSecondNs;
  }
  return due_.empty() ? next_check_ns_ : std::min(next_check_ns_, due_.top().at_ns);
}

void NearEnd::begin(std::size_t place) {
  Life& life = lives_[place];
  const std::uint32_t generation = life.generation + 1;
  life = Life{};
  life.generation = generation;
  life.target = targets_[place % targets_.size()];
  life.connection = ++connections_;
  life.progress_at_ns = now_ns_;
  const std::uint64_t draw = random_.below(10);
  life.kind = draw < 6 ? Kind::kChat : draw < 7 ? Kind::kBulk : Kind::kSilence;
  life.total = life.kind == Kind::kBulk ? 65536 + random_.below(2 << 20U)
                                        : 1 + random_.below(life.kind == Kind::kChat ? 60000 : 500);
  life.socket = load::connect_to(life.target.port);
  epoll_.add(life.socket, EPOLLOUT, tag_of(place));
  ++open_;
  ++started_;
  ++report_.of(life.target.group).opened;
}

// Lets the next message be sent, and says when the one after it may.
void NearEnd::step(std::size_t place) {
  Life& life = lives_[place];
  if (!life.connected || life.allowed == life.total) return;
  if (life.allowed == life.received) life.progress_at_ns = now_ns_;
  std::uint64_t message = life.total;
  if (life.kind == Kind::kChat) message = 1 + random_.below(4000);
  if (life.kind == Kind::kSilence) message = 1 + life.total / 3;
  life.allowed = finishing_ ? life.total : std::min(life.total, life.allowed + message);
  const std::uint64_t pause_ms =
      life.kind == Kind::kSilence ? 3000 + random_.below(12000) : random_.below(1500);
  if (life.allowed < life.total) {
    schedule(place, static_cast<std::int64_t>(pause_ms) * kMillisecondNs);
  }
  if (!write(life)) return end(place, false, "reset while sending");
  watch(life, place);
}

void NearEnd::handle(const epoll_event& event) {
  const std::size_t place = (event.data.u64 & 0xffffffffU) - 1;
  Life& life = lives_[place];
  if (!life.socket.is_open() || tag_of(place) != event.data.u64) return;
  if (!life.connected) {
    if (const int error = load::take_error(life.socket); error != 0) {
      return end(place, false, std::string("not connected: ") + std::strerror(error));
    }
    life.connected = true;
    life.progress_at_ns = now_ns_;
    return step(place);
  }
  if (!read(life)) return end(place, false, "ended");
  if (life.received == life.total) return end(place, true, "");
  if (!write(life)) return end(place, false, "reset while sending");
  watch(life, place);
}

bool NearEnd::read(Life& life) {
  for (int i = 0; i < kBuffersPerTurn; ++i) {
    const auto bytes = load::read_some(life.socket, scratch());
    if (!bytes) return false;
    if (*bytes == 0) return true;
    life.progress_at_ns = now_ns_;
    const StreamKey key{life.connection, true};
    const bool right = life.received + *bytes <= life.total &&
                       is_pattern(key, life.received, {scratch().data(), *bytes});
    if (life.target.group != Group::kCorrupt && !right) {
      report_.fail(describe(life) + ": wrong bytes downstream: " +
                   place_of(key, life.received, {scratch().data(), *bytes}, life.total));
      return false;
    }
    life.received = std::min(life.total, life.received + *bytes);
    report_.count_bytes(*bytes);
  }
  return true;
}

bool NearEnd::write(Life& life) {
  while (life.header_sent < sizeof(Header)) {
    const Header header{Header::kMagic, life.connection, life.total};
    std::array<char, sizeof header> bytes{};
    std::memcpy(bytes.data(), &header, sizeof header);
    const auto taken = load::write_some(
        life.socket, {bytes.data() + life.header_sent, bytes.size() - life.header_sent});
    if (!taken) return false;
    if (*taken == 0) return true;
    life.header_sent += *taken;
  }
  for (int i = 0; i < kBuffersPerTurn && life.sent < life.allowed; ++i) {
    const std::size_t size = std::min<std::uint64_t>(kBufferBytes, life.allowed - life.sent);
    const std::span<char> bytes{scratch().data(), size};
    fill_pattern({life.connection, false}, life.sent, bytes);
    const auto taken = load::write_some(life.socket, bytes);
    if (!taken) return false;
    if (*taken > 0) life.progress_at_ns = now_ns_;
    life.sent += *taken;
    if (*taken < size) break;
  }
  return true;
}

void NearEnd::watch(Life& life, std::size_t place) {
  life.waits_to_write = life.header_sent < sizeof(Header) || life.sent < life.allowed;
  epoll_.modify(life.socket, EPOLLIN | (life.waits_to_write ? EPOLLOUT : 0U), tag_of(place));
}

void NearEnd::end(std::size_t place, bool complete, const std::string& why) {
  Life& life = lives_[place];
  Counts& counts = report_.of(life.target.group);
  ++(complete ? counts.complete : counts.broken);
  if (!complete && life.target.group == Group::kExact) report_.fail(describe(life) + ": " + why);
  life.socket = Descriptor{};
  ++life.generation;
  --open_;
  if (!finishing_) {
    schedule(place, static_cast<std::int64_t>(random_.below(500)) * kMillisecondNs);
  }
}

void NearEnd::look_for_stuck() {
  for (std::size_t place = 0; place < lives_.size(); ++place) {
    Life& life = lives_[place];
    if (!life.socket.is_open() || life.target.group != Group::kExact) continue;
    const bool waits = !life.connected || life.received < life.allowed;
    if (waits && now_ns_ - life.progress_at_ns > kStuckNs) end(place, false, "stuck for a minute");
  }
}

void NearEnd::finish(std::int64_t now_ns) {
  now_ns_ = now_ns;
  finishing_ = true;
  for (std::size_t place = 0; place < lives_.size(); ++place) {
    if (!lives_[place].socket.is_open()) continue;
    probe_each_second(lives_[place].socket);
    lives_[place].progress_at_ns = now_ns_;
    schedule(place, 0);
  }
}

void NearEnd::complain_of_all() {
  for (const Life& life : lives_) {
    if (life.socket.is_open()) report_.fail(describe(life) + ": stuck at the end");
  }
}

std::string NearEnd::describe(const Life& life) const {
  return std::to_string(now_ns_ / load::kMillisecondNs) + " ms: connection " +
         std::to_string(life.connection) + " (" + to_text(life.target.group) + ", from port " +
         std::to_string(load::local_port(life.socket)) + " to " + std::to_string(life.target.port) +
         "), " + std::to_string(life.sent) + " bytes sent, " + std::to_string(life.received) +
         " received of " + std::to_string(life.total) + (life.connected ? "" : ", not connected");
}

}  // namespace halfopen::soak
