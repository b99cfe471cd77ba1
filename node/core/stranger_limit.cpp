#include "node/core/stranger_limit.hpp"

#include <utility>

#include "base/prng.hpp"

namespace halfopen::node {
namespace {

template <std::size_t... places>
std::array<RateLimit, sizeof...(places)> make_shares(std::index_sequence<places...>) {
  return {((void)places, RateLimit{kStrangerInterval, kStrangerBurst})...};
}

}  // namespace

StrangerLimit::StrangerLimit(std::uint64_t seed)
    : seed_(Prng(seed).fork("strangers").next()),
      shares_(make_shares(std::make_index_sequence<kShares>())) {}

bool StrangerLimit::admit(std::uint64_t source, Instant now) {
  const std::uint64_t place = Prng(seed_ ^ source).next() % kShares;
  return shares_[place].admit(now);
}

}  // namespace halfopen::node
