// Whatever attributes a fault is given: a config that is written as it is read, or a Problem of one
// line. And whatever stream fault comes of it, a chain with it neither crashes, nor spins, nor
// invents bytes.
#include <boost/json/parse.hpp>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "proxy/core/fault.hpp"
#include "proxy/core/stream/chain.hpp"

namespace {

void demand(bool holds) {
  if (!holds) std::abort();
}

void run_chain(const halfopen::StreamFaultConfig& config, std::uint64_t seed) {
  using halfopen::Instant;
  const halfopen::StageId id{1};
  halfopen::StreamChain chain;
  Instant now = Instant::from_nanoseconds(std::int64_t{1} << 50);
  chain.add(id, config, seed, now);
  std::size_t sent = 0;
  std::size_t taken = 0;
  const auto turn = [&] {
    for (int i = 0; i < 4096 && !chain.output().empty(); ++i) {
      taken += chain.output().size();
      chain.consume(chain.output().size(), now);
    }
    demand(taken + chain.held_bytes() <= sent);
    const auto deadline = chain.deadline();
    if (!deadline) return;
    if (*deadline > now) now = *deadline;
    chain.handle_timeout(now);
  };
  const std::string_view data = "some bytes of a stream";
  for (int i = 0; i < 8; ++i) {
    if (chain.room() >= data.size()) {
      chain.handle_bytes(data, now);
      sent += data.size();
    }
    turn();
    if (i == 5) chain.change(id, config, now);
  }
  chain.handle_end(now);
  turn();
  chain.remove(id, now);
  for (int i = 0; i < 4 && chain.state() == halfopen::StreamState::kOpen; ++i)
    turn();
  demand(chain.state() != halfopen::StreamState::kOpen);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto types = halfopen::fault_type_names();
  const std::string_view type = types[data[0] % types.size()];
  const std::string_view text{reinterpret_cast<const char*>(data + 1), size - 1};
  boost::system::error_code error;
  const auto json = boost::json::parse(text, error);
  if (error || !json.is_object()) return 0;
  const auto known = halfopen::known_attributes(type, json.get_object());
  const auto strict = halfopen::parse_fault(type, json.get_object(), "attributes");
  const auto lenient = halfopen::parse_fault(type, known, "attributes");
  demand(strict.has_error() || lenient.has_value());
  if (lenient.has_error()) {
    demand(lenient.error().text.starts_with("attributes"));
    demand(lenient.error().text.find('\n') == std::string::npos);
    return 0;
  }
  demand(halfopen::type_of(*lenient) == type);
  const auto written = halfopen::attributes_of(*lenient);
  const auto again = halfopen::parse_fault(type, written, "attributes");
  demand(again.has_value() && halfopen::attributes_of(*again) == written);
  if (const auto* stream = std::get_if<halfopen::StreamFaultConfig>(&*lenient)) {
    run_chain(*stream, size);
  }
  return 0;
}
