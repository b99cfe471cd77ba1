#include "node/shell/admin_api.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
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
    case CastRefusal::kStoreFull:
      return http_error(503, "the store is full");
    case CastRefusal::kStopping:
      return http_error(503, "this node stops");
  }
  return http_error(500, "unknown refusal");
}

}  // namespace

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

HttpResponse AdminApi::handle(const HttpRequest& request) {
  const std::string route = request.method + " " + request.path;
  if (route == "GET /metrics") {
    return {200, std::string(MetricSet::kContentType), metrics_.expose()};
  }
  if (route == "GET /healthz") return json_response(200, object{{"status", "ok"}});
  if (route == "GET /readyz") {
    return driver_.node().is_stopping() ? http_error(503, "this node stops")
                                        : json_response(200, object{{"status", "ready"}});
  }
  if (route == "POST /votes") return cast(request.body);
  if (route == "GET /votes") return votes();
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

HttpResponse AdminApi::cast(const std::string& body) {
  const auto request = parse_cast_request(body);
  if (request.has_error()) return http_error(400, request.error().text);
  const CastOutcome outcome = driver_.cast(*request);
  if (const auto* refusal = std::get_if<CastRefusal>(&outcome)) return refusal_response(*refusal);
  if (const auto* trouble = std::get_if<StoreTrouble>(&outcome)) {
    return http_error(503, trouble->text);
  }
  return json_response(202, object{{"id", std::get<VoteId>(outcome).hex()}});
}

HttpResponse AdminApi::votes() const {
  boost::json::array list;
  for (const StoredVote& stored : store_.votes())
    list.push_back(to_json(stored.vote, stored.id));
  return json_response(200, object{{"votes", std::move(list)}});
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
