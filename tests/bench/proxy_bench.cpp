// What one sample of one mapping costs: two looks at TCP_INFO and a step of the model. The sampling
// budget (proxy/core/sampling.hpp) rests on these figures.
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "proxy/core/nat.hpp"
#include "proxy/shell/descriptor.hpp"
#include "proxy/shell/kernel_tricks.hpp"

namespace halfopen {
namespace {

constexpr Instant kStart = Instant::from_nanoseconds(1'000'000'000);

void look_at_tcp_info(benchmark::State& state) {
  const Descriptor listener{socket(AF_INET, SOCK_STREAM, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  const Descriptor client{socket(AF_INET, SOCK_STREAM, 0)};
  if (bind(listener.get(), generic, sizeof address) != 0 || listen(listener.get(), 1) != 0 ||
      getsockname(listener.get(), generic, &size) != 0 ||
      connect(client.get(), generic, size) != 0) {
    return state.SkipWithError("no loopback connection");
  }
  for (auto _ : state)
    benchmark::DoNotOptimize(look_at(client.get()));
}
BENCHMARK(look_at_tcp_info);

void step_a_quiet_mapping(benchmark::State& state) {
  NatConfig config;
  config.idle_timeout = std::chrono::hours(1);
  Look look;
  look.began_at = look.ended_at = kStart;
  NatMapping mapping{config, look, look};
  for (auto _ : state) {
    look.began_at = look.ended_at = look.ended_at + Duration{1};
    benchmark::DoNotOptimize(mapping.handle_look(NatSide::kInside, look));
    benchmark::DoNotOptimize(mapping.handle_look(NatSide::kOutside, look));
    benchmark::DoNotOptimize(mapping.handle_timeout(look.ended_at));
  }
}
BENCHMARK(step_a_quiet_mapping);

void step_a_probed_mapping(benchmark::State& state) {
  NatConfig config;
  config.idle_timeout = std::chrono::hours(1);
  Look look;
  look.began_at = look.ended_at = kStart;
  NatMapping mapping{config, look, look};
  for (auto _ : state) {
    look.began_at = look.ended_at = look.ended_at + Duration{1};
    ++look.segments_in;
    benchmark::DoNotOptimize(mapping.handle_look(NatSide::kInside, look));
  }
}
BENCHMARK(step_a_probed_mapping);

}  // namespace
}  // namespace halfopen
