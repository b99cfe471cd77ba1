#include "harness/shell/conformance/ladder_player.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <cstdio>
#include <optional>

#include "harness/shell/conformance/machine.hpp"
#include "metrics/clock.hpp"
#include "metrics/kernel_evidence.hpp"

namespace halfopen::conformance {
namespace {

namespace asio = boost::asio;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kOpenMax = seconds(5);
constexpr Duration kPoll = milliseconds(1);
// Rungs speak at different times, so that none waits for another.
constexpr Duration kBetweenRungs = milliseconds(7);
constexpr Duration kAckMax = seconds(1);
constexpr Duration kProbeMax = seconds(4);
// A byte that passes takes far less; one that is swallowed stays so.
constexpr Duration kArrivalMax = seconds(1);

// What a proxy that is late by as much could not make good within its bound.
constexpr Duration kStandstill = milliseconds(8);

// A moment that is known only to lie in between.
struct Moment {
  Instant earliest;
  Instant latest;
};

void set_number(int descriptor, int level, int name, int value) {
  ::setsockopt(descriptor, level, name, &value, sizeof value);
}

class Climber {
 public:
  Climber(asio::io_context& context, const LadderSpec& spec, EndSocket& client, EndSocket& server)
      : context_(context), spec_(spec), client_(client), server_(server) {}

  asio::awaitable<void> climb(unsigned number) {
    co_await wait_for(context_, number * kBetweenRungs);
    const auto last =
        spec_.last == LastPacket::kData ? co_await last_data() : co_await last_probe();
    if (!last) {
      trouble_ = spec_.last == LastPacket::kData ? "a byte was not acknowledged in time"
                                                 : "no keep-alive probe was answered in time";
      is_done_ = true;
      co_return;
    }
    const Instant due =
        last->latest + spec_.idle_timeout + spec_.first + static_cast<int>(number) * spec_.step;
    co_await wait_for(context_, due - monotonic_now());
    const Instant before = monotonic_now();
    client_.send("after", true);
    const Instant after = monotonic_now();
    rung_.idle_min = before - last->latest;
    rung_.idle_max = after - last->earliest;
    // When a middlebox has to see the last packet, and when it has to forget.
    critical_ = {Moment{last->earliest, last->latest + spec_.late_max},
                 Moment{last->earliest + spec_.idle_timeout, before}};
    const Instant deadline = after + kArrivalMax;
    while (!rung_.passed && monotonic_now() < deadline) {
      server_.read();
      rung_.passed = server_.has_received("?after");
      if (!rung_.passed) co_await wait_for(context_, 10 * kPoll);
    }
    is_done_ = true;
  }

  [[nodiscard]] bool is_done() const { return is_done_; }
  [[nodiscard]] const std::string& trouble() const { return trouble_; }
  [[nodiscard]] Rung rung(const std::vector<LateBeat>& late_beats) const {
    Rung rung = rung_;
    for (const LateBeat& beat : late_beats) {
      if (beat.late < kStandstill) continue;
      for (const Moment& moment : critical_) {
        const bool overlaps = beat.at >= moment.earliest && beat.at - beat.late <= moment.latest;
        rung.disturbed = rung.disturbed || overlaps;
      }
    }
    return rung;
  }

 private:
  // A byte that the other end acknowledges at once: the acknowledgement is the last packet.
  asio::awaitable<std::optional<Moment>> last_data() {
    set_number(client_.descriptor(), IPPROTO_TCP, TCP_QUICKACK, 1);
    set_number(server_.descriptor(), IPPROTO_TCP, TCP_QUICKACK, 1);
    const Instant before = monotonic_now();
    client_.send("last", true);
    while (monotonic_now() < before + kAckMax) {
      server_.read();
      const auto info = read_tcp_info(client_.descriptor());
      if (server_.has_received("?last") && info && info->unacked_segments == 0) {
        co_return Moment{before, monotonic_now()};
      }
      co_await wait_for(context_, microseconds(200));
    }
    co_return std::nullopt;
  }

  // The prober's last_ack_recv falls when the answer comes: the answer is the last packet.
  asio::awaitable<std::optional<Moment>> last_probe() {
    set_number(client_.descriptor(), IPPROTO_TCP, TCP_KEEPIDLE, 1);
    set_number(client_.descriptor(), SOL_SOCKET, SO_KEEPALIVE, 1);
    const Instant deadline = monotonic_now() + kProbeMax;
    Instant looked = monotonic_now();
    unsigned age = 0;
    while (looked < deadline) {
      const auto info = read_tcp_info(client_.descriptor());
      const Instant now = monotonic_now();
      if (info && info->last_ack_received_milliseconds < age) {
        set_number(client_.descriptor(), SOL_SOCKET, SO_KEEPALIVE, 0);
        co_return Moment{looked, now};
      }
      if (info) age = info->last_ack_received_milliseconds;
      looked = now;
      co_await wait_for(context_, kPoll);
    }
    co_return std::nullopt;
  }

  asio::io_context& context_;
  const LadderSpec& spec_;
  EndSocket& client_;
  EndSocket& server_;
  Rung rung_;
  std::array<Moment, 2> critical_{};
  std::string trouble_;
  bool is_done_ = false;
};

asio::awaitable<Result<void>> open_all(asio::io_context& context, unsigned count, Machine& client,
                                       Machine& server) {
  auto outcome = server.listen();
  const Instant deadline = monotonic_now() + kOpenMax;
  for (unsigned number = 1; number <= count && outcome.has_value(); ++number) {
    outcome = client.dial();
    while (outcome.has_value() && !server.has(number)) {
      if (monotonic_now() > deadline) outcome = Problem{"the connections never came up"};
      if (outcome.has_value()) outcome = server.accept();
      co_await wait_for(context, kPoll);
    }
  }
  co_return outcome;
}

Duration jiffy() {
  timespec resolution{};
  ::clock_getres(CLOCK_MONOTONIC_COARSE, &resolution);
  return Duration{resolution.tv_nsec};
}

std::string text_of(const char* what, Duration duration) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), "%s %.1f ms", what, to_seconds(duration) * 1e3);
  return text.data();
}

}  // namespace

namespace {

asio::awaitable<Result<std::vector<Rung>>> climb_all(asio::io_context& context,
                                                     std::deque<Climber>& climbers,
                                                     const std::vector<LateBeat>& late_beats) {
  // All of them, also when one has failed: each still runs.
  for (const Climber& climber : climbers) {
    while (!climber.is_done())
      co_await wait_for(context, 10 * kPoll);
  }
  std::vector<Rung> rungs;
  for (const Climber& climber : climbers) {
    if (!climber.trouble().empty()) co_return Problem{climber.trouble()};
    rungs.push_back(climber.rung(late_beats));
  }
  co_return rungs;
}

void describe(Climb& climb, LastPacket last, double interval_seconds) {
  if (interval_seconds > 0) {
    const Duration sampled{static_cast<Duration::rep>(interval_seconds * 1e9)};
    climb.notes.push_back(text_of("the proxy looks at its sockets every", sampled));
    if (last == LastPacket::kProbe) climb.granularity.late = sampled;
  } else {
    climb.notes.push_back(text_of("conntrack counts in jiffies of", jiffy()));
    climb.granularity = {jiffy(), jiffy()};
  }
}

}  // namespace

asio::awaitable<Result<Climb>> climb(asio::io_context& context, const Case& test, Lab& lab,
                                     const std::vector<LateBeat>& late_beats) {
  const NodePlace client_place = lab.world().place_of(kClientName);
  const NodePlace server_place = lab.world().place_of(kServerName);
  Machine client(Side::kClient, client_place,
                 lab.namespaces().descriptor(client_place.network_namespace), test.client);
  Machine server(Side::kServer, server_place,
                 lab.namespaces().descriptor(server_place.network_namespace), test.server);
  const LadderSpec& spec = *test.ladder;
  auto opened = co_await open_all(context, spec.rungs, client, server);
  if (opened.has_error()) co_return opened.error();
  std::deque<Climber> climbers;
  for (unsigned number = 0; number < spec.rungs; ++number) {
    climbers.emplace_back(context, spec, client.end(number + 1), server.end(number + 1));
    asio::co_spawn(context, climbers.back().climb(number), asio::detached);
  }
  // Asked for while the mappings live: the interval follows the load.
  auto interval = co_await lab.sample_interval_seconds();
  if (interval.has_error()) co_return interval.error();
  // A NAT in the kernel does not stand still with a process.
  const bool is_process = *interval > 0;
  auto rungs =
      co_await climb_all(context, climbers, is_process ? late_beats : std::vector<LateBeat>{});
  if (rungs.has_error()) co_return rungs.error();
  Climb result;
  result.rungs = std::move(*rungs);
  describe(result, spec.last, *interval);
  co_return result;
}

}  // namespace halfopen::conformance
