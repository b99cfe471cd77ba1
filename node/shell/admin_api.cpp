#include "node/shell/admin_api.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <limits>
#include <utility>

#include "node/shell/vote_json.hpp"

namespace halfopen::node {
namespace {

using boost::json::object;
using boost::json::value;

HttpResponse json_response(unsigned status, const value& body) {
  HttpResponse response;
  response.status = status;
  response.body = boost::json::serialize(body) + "\n";
  return response;
}

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

HttpResponse refusal_response(CastRefusal refusal) {
  switch (refusal) {
    case CastRefusal::kConflict:
      return http_error(409, "this node has voted differently for this height, round and kind");
    case CastRefusal::kOutboxFull:
      return http_error(503, "too many votes wait for a peer's acknowledgement");
    case CastRefusal::kForgotten:
      return http_error(409, "this height, round and kind is older than what this node remembers");
    case CastRefusal::kStoreFailed:
      return http_error(503, "the store failed: whether the vote is kept is not known");
    case CastRefusal::kStopping:
      return http_error(503, "this node stops");
  }
  return http_error(500, "unknown refusal");
}

}  // namespace

Result<VotePage> parse_page(const std::string& query) {
  VotePage page;
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string_view field = std::string_view(query).substr(at, end - at);
    at = end + 1;
    const bool is_after = field.starts_with("after=");
    const std::string_view digits = field.substr(std::min(field.find('=') + 1, field.size()));
    std::uint64_t number = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
    const bool is_number = error == std::errc{} && stop == digits.data() + digits.size();
    const bool is_limit = field.starts_with("limit=");
    if (!is_number || (!is_after && !is_limit) ||
        (is_limit && (number == 0 || number > kPageVotesMax))) {
      return Problem{"expected after=SEQ&limit=N, with N from 1 to ",
                     std::to_string(kPageVotesMax)};
    }
    (is_after ? page.after : page.limit) = number;
  }
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

void AdminApi::handle(const HttpRequest& request, const HttpRespond& respond) {
  if (request.method == "POST" && request.path == "/votes") return cast(request, respond);
  respond(answer(request));
}

HttpResponse AdminApi::answer(const HttpRequest& request) {
  const std::string route = request.method + " " + request.path;
  if (route == "GET /metrics") {
    return {200, std::string(MetricSet::kContentType), metrics_.expose()};
  }
  if (route == "GET /healthz") return json_response(200, object{{"status", "ok"}});
  if (route == "GET /readyz") {
    return driver_.node().is_stopping() ? http_error(503, "this node stops")
                                        : json_response(200, object{{"status", "ready"}});
  }
  if (route == "GET /votes") return votes(request.query);
  if (route == "GET /peers") return peers();
  if (route == "POST /drain") {
    driver_.shut_down_soon();
    return json_response(202, object{{"status", "draining"}});
  }
  for (const char* path : {"/metrics", "/healthz", "/readyz", "/votes", "/peers", "/drain"}) {
    if (request.path == path) return http_error(405, request.method + " is not for " + path);
  }
  return http_error(404, "no such path: " + request.path);
}

void AdminApi::cast(const HttpRequest& request, const HttpRespond& respond) {
  const bool waits_for_peers = request.query == "wait=peers";
  if (!waits_for_peers && !request.query.empty()) {
    return respond(http_error(400, "unknown query \"" + request.query + "\": expected wait=peers"));
  }
  const auto parsed = parse_cast_request(request.body);
  if (parsed.has_error()) return respond(http_error(400, parsed.error().text));
  driver_.cast(*parsed, waits_for_peers, [respond, waits_for_peers](const CastOutcome& outcome) {
    if (const auto* refusal = std::get_if<CastRefusal>(&outcome)) {
      return respond(refusal_response(*refusal));
    }
    respond(json_response(waits_for_peers ? 200 : 202,
                          object{{"id", std::get<VoteId>(outcome).hex()}}));
  });
}

HttpResponse AdminApi::votes(const std::string& query) const {
  const auto page = parse_page(query);
  if (page.has_error()) return http_error(400, page.error().text);
  const auto listed = store_.list(page->after, page->limit);
  if (listed.has_error()) return http_error(503, listed.error().text);
  boost::json::array list;
  for (const ListedVote& vote : *listed) {
    object entry = to_json(vote.kept.vote, vote.kept.id);
    entry["seq"] = vote.sequence;
    list.push_back(std::move(entry));
  }
  object answer{{"votes", std::move(list)}, {"next", nullptr}};
  if (listed->size() == page->limit) answer["next"] = listed->back().sequence;
  return json_response(200, answer);
}

HttpResponse AdminApi::peers() const {
  boost::json::array list;
  for (const Peer& peer : driver_.node().peers()) {
    object entry{{"name", peer.name()},
                 {"state", name_of(peer.state())},
                 {"reading", peer.is_reading()},
                 {"outbox", peer.outbox().size()}};
    if (peer.connection()) entry["conn"] = peer.connection()->value();
    list.push_back(std::move(entry));
  }
  return json_response(200, object{{"peers", std::move(list)}});
}

}  // namespace halfopen::node
