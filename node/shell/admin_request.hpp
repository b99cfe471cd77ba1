// What may be asked of the admin API: HTTP requests in, typed questions out, or the answer that
// explains what is wrong. No socket, no node.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/result.hpp"
#include "metrics/http_conversation.hpp"
#include "node/core/event.hpp"

namespace halfopen::node {

inline constexpr std::uint64_t kPageVotesMax = 10'000;
inline constexpr std::uint64_t kPageHeightsMax = 1'000;

struct VotePage {
  std::uint64_t after = 0;
  std::uint64_t limit = 1'000;
};
struct TallyPage {
  std::optional<std::uint64_t> after_height = std::nullopt;
  std::uint64_t limit = 100;  // heights
};

namespace ask {

struct Metrics {};
struct Health {};
struct Readiness {
  bool needs_quorum = false;
};
struct Overview {};
struct Votes {
  VotePage page;
};
struct Peers {};
struct History {
  std::string peer;
};
struct Evidence {};
struct Tally {
  TallyPage page;
};
struct Cast {
  CastRequest request;
  bool waits_for_peers = false;
};
struct Drain {};
struct Reload {};

}  // namespace ask

using AdminRequest =
    std::variant<ask::Metrics, ask::Health, ask::Readiness, ask::Overview, ask::Votes, ask::Peers,
                 ask::History, ask::Evidence, ask::Tally, ask::Cast, ask::Drain, ask::Reload>;

// 404, 405 or 400 with what was expected, when it is no such request.
[[nodiscard]] std::variant<AdminRequest, HttpResponse> parse_admin_request(
    const HttpRequest& request);

// Reads the query of GET /votes.
[[nodiscard]] Result<VotePage> parse_page(const std::string& query);
// Reads the body of POST /votes. An empty body is an empty object.
[[nodiscard]] Result<CastRequest> parse_cast_request(const std::string& body);

}  // namespace halfopen::node
