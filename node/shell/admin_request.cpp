#include "node/shell/admin_request.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <charconv>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "node/core/names.hpp"

namespace halfopen::node {
namespace {

using boost::json::value;

Result<std::uint64_t> parse_number(const value& from, std::string_view key, std::uint64_t max) {
  boost::system::error_code error;
  const auto number = from.to_number<std::uint64_t>(error);
  if (error || number > max) {
    return Problem{"\"", key, "\" must be a whole number from 0 to ", std::to_string(max)};
  }
  return number;
}

Result<void> read_field(std::string_view key, const value& from, CastRequest& request) {
  if (key == "height") {
    // One below the largest, so that there is always a next height.
    HALFOPEN_TRY(height, parse_number(from, key, std::numeric_limits<std::int64_t>::max() - 1));
    request.height = height;
  } else if (key == "round") {
    HALFOPEN_TRY(round, parse_number(from, key, std::numeric_limits<std::uint32_t>::max()));
    request.round = static_cast<std::uint32_t>(round);
  } else if (key == "kind") {
    const auto kind =
        from.is_string() ? vote_kind_of(from.get_string()) : std::optional<VoteKind>{};
    if (!kind) return Problem{"\"kind\" must be \"prevote\" or \"precommit\""};
    request.kind = *kind;
  } else if (key == "choice") {
    if (from.is_string()) request.choice = Choice::from_hex(from.get_string());
    if (!from.is_null() && !request.choice) {
      return Problem{"\"choice\" must be 64 hexadecimal digits, or null"};
    }
  } else {
    return Problem{"unknown key \"", key, "\": expected height, round, kind or choice"};
  }
  return {};
}

// "after=1&limit=2": the numbers of these keys, each at most once, "limit" from 1 to its maximum.
Result<void> read_numbers(const std::string& query,
                          const std::map<std::string_view, std::uint64_t*>& targets,
                          std::uint64_t limit_max, const Problem& problem) {
  std::vector<std::string_view> seen;
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string_view field = std::string_view(query).substr(at, end - at);
    at = end + 1;
    const std::size_t equals = std::min(field.find('='), field.size());
    const std::string_view key = field.substr(0, equals);
    const std::string_view digits = field.substr(std::min(equals + 1, field.size()));
    const auto target = targets.find(key);
    std::uint64_t number = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool is_number = error == std::errc{} && stop == digits.data() + digits.size();
    const bool is_again = std::find(seen.begin(), seen.end(), key) != seen.end();
    if (target == targets.end() || !is_number || is_again) return problem;
    if (key == "limit" && (number == 0 || number > limit_max)) return problem;
    seen.push_back(key);
    *target->second = number;
  }
  return {};
}

Result<TallyPage> parse_tally_page(const std::string& query) {
  TallyPage page;
  std::uint64_t after_height = 0;
  HALFOPEN_CHECK(read_numbers(query, {{"after_height", &after_height}, {"limit", &page.limit}},
                              kPageHeightsMax,
                              Problem{"expected after_height=H&limit=N, with N from 1 to ",
                                      std::to_string(kPageHeightsMax)}));
  if (query.find("after_height=") != std::string::npos) page.after_height = after_height;
  return page;
}

using Parsed = std::variant<AdminRequest, HttpResponse>;

Parsed bad_request(const Problem& problem) {
  return http_error(400, problem.text);
}

template <class Content>
Parsed without_query(const HttpRequest& request) {
  if (request.query.empty()) return AdminRequest{Content{}};
  return bad_request({request.path, " takes no query"});
}

Parsed parse_readiness(const HttpRequest& request) {
  if (request.query.empty()) return AdminRequest{ask::Readiness{}};
  if (request.query == "quorum=1") return AdminRequest{ask::Readiness{true}};
  return bad_request({"unknown query \"", request.query, "\": expected quorum=1"});
}

Parsed parse_votes(const HttpRequest& request) {
  const auto page = parse_page(request.query);
  if (page.has_error()) return bad_request(page.error());
  return AdminRequest{ask::Votes{*page}};
}

Parsed parse_tally(const HttpRequest& request) {
  const auto page = parse_tally_page(request.query);
  if (page.has_error()) return bad_request(page.error());
  return AdminRequest{ask::Tally{*page}};
}

Parsed parse_cast(const HttpRequest& request) {
  const bool waits_for_peers = request.query == "wait=peers";
  if (!waits_for_peers && !request.query.empty()) {
    return bad_request({"unknown query \"", request.query, "\": expected wait=peers"});
  }
  const auto cast = parse_cast_request(request.body);
  if (cast.has_error()) return bad_request(cast.error());
  return AdminRequest{ask::Cast{*cast, waits_for_peers}};
}

constexpr std::string_view kPeersPrefix = "/peers/";
constexpr std::string_view kHistorySuffix = "/history";

Parsed parse_history(const HttpRequest& request) {
  const std::size_t length = request.path.size() - kPeersPrefix.size() - kHistorySuffix.size();
  std::string peer = request.path.substr(kPeersPrefix.size(), length);
  if (!is_name(peer)) return bad_request({"a peer's name is 1 to 64 letters, digits, -, _ or ."});
  if (!request.query.empty()) return bad_request({request.path, " takes no query"});
  return AdminRequest{ask::History{std::move(peer)}};
}

struct Route {
  std::string_view method;
  std::string_view path;
  Parsed (*parse)(const HttpRequest& request);
};
constexpr std::array kRoutes{
    // Scrapers and load balancers may add a query of their own.
    Route{"GET", "/metrics",
          [](const HttpRequest&) { return Parsed{AdminRequest{ask::Metrics{}}}; }},
    Route{"GET", "/healthz",
          [](const HttpRequest&) { return Parsed{AdminRequest{ask::Health{}}}; }},
    Route{"GET", "/readyz", parse_readiness},
    Route{"GET", "/node", without_query<ask::Overview>},
    Route{"GET", "/votes", parse_votes},
    Route{"POST", "/votes", parse_cast},
    Route{"GET", "/peers", without_query<ask::Peers>},
    Route{"GET", "/peers/NAME/history", parse_history},
    Route{"GET", "/evidence", without_query<ask::Evidence>},
    Route{"GET", "/tally", parse_tally},
    Route{"POST", "/drain", without_query<ask::Drain>},
    Route{"POST", "/reload", without_query<ask::Reload>}};

bool is_path_of(const Route& route, std::string_view path) {
  if (route.parse != &parse_history) return route.path == path;
  return path.starts_with(kPeersPrefix) && path.ends_with(kHistorySuffix) &&
         path.size() >= kPeersPrefix.size() + kHistorySuffix.size();
}

// The text may come back into a terminal.
std::string shown(const std::string& path) {
  constexpr std::size_t kBytesMax = 100;
  std::string text = path.substr(0, kBytesMax);
  for (char& letter : text) {
    if (letter < ' ' || letter > '~') letter = '?';
  }
  return path.size() > kBytesMax ? text + "..." : text;
}

}  // namespace

Result<VotePage> parse_page(const std::string& query) {
  VotePage page;
  HALFOPEN_CHECK(read_numbers(
      query, {{"after", &page.after}, {"limit", &page.limit}}, kPageVotesMax,
      Problem{"expected after=SEQ&limit=N, with N from 1 to ", std::to_string(kPageVotesMax)}));
  return page;
}

Result<CastRequest> parse_cast_request(const std::string& body) {
  CastRequest request;
  if (body.empty()) return request;
  boost::system::error_code error;
  const value parsed = boost::json::parse(body, error);
  if (error || !parsed.is_object()) return Problem{"the body must be a JSON object"};
  for (const auto& field : parsed.get_object()) {
    const auto read = read_field(field.key(), field.value(), request);
    if (read.has_error()) return read.error();
  }
  return request;
}

Parsed parse_admin_request(const HttpRequest& request) {
  // The conversation leaves the body of an answer to HEAD out.
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  std::string allowed;
  std::string paths;
  for (const Route& route : kRoutes) {
    paths +=
        (paths.empty() ? "" : ", ") + std::string(route.method) + " " + std::string(route.path);
    if (!is_path_of(route, request.path)) continue;
    if (route.method == method) return route.parse(request);
    allowed += (allowed.empty() ? "" : ", ") + std::string(route.method);
  }
  if (allowed.empty()) {
    return http_error(404, "no such path: " + shown(request.path) + "; there are " + paths);
  }
  HttpResponse refusal =
      http_error(405, request.method + " is not for " + shown(request.path) + ": use " + allowed);
  refusal.headers.emplace_back("Allow", allowed);
  return refusal;
}

}  // namespace halfopen::node
