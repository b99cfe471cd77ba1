#include "proxy/shell/proxy_requests.hpp"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>
#include <boost/json/stream_parser.hpp>
#include <cctype>
#include <initializer_list>

#include "proxy/shell/fault_profile.hpp"
#include "proxy/shell/toxiproxy_json.hpp"

namespace halfopen {
namespace {

using boost::json::object;
using boost::json::value;

// So many faults of one proxy are a mistake, and each costs every connection.
constexpr std::size_t kFaultsMax = 100;
constexpr std::size_t kNameBytesMax = 256;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char letter) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  });
  return text;
}

std::optional<StreamDirection> parse_stream(const std::string& text) {
  const std::string word = lower(text);
  if (word == "upstream") return StreamDirection::kUpstream;
  if (word == "downstream") return StreamDirection::kDownstream;
  if (word == "both") return StreamDirection::kBoth;
  return std::nullopt;
}

// A name must be a part of a URL's path. With a slash it cannot be addressed, but Toxiproxy takes
// it for a proxy, so the same call does here; a toxic could then not even be removed.
enum class Slash : bool { kRefused, kTaken };
Answer<void> check_name(const std::string& name, Slash slash) {
  if (name.size() > kNameBytesMax) {
    return Refusal{400, "name: longer than " + std::to_string(kNameBytesMax) + " bytes"};
  }
  const bool bad =
      name == "." || name == ".." || std::any_of(name.begin(), name.end(), [slash](char letter) {
        const auto code = static_cast<unsigned char>(letter);
        return code < 0x20 || code == 0x7f || (letter == '/' && slash == Slash::kRefused);
      });
  if (!bad) return {};
  return Refusal{400, "name: " + boost::json::serialize(value(name)) +
                          " could not be addressed in a URL: expected no / and no control "
                          "characters"};
}

Refusal wrong_type(std::string_view where, std::string_view expected, const value& found) {
  return {400, std::string(where) + ": expected " + std::string(expected) + ", got " +
                   boost::json::serialize(found)};
}

Answer<void> check_keys(const object& body, std::initializer_list<std::string_view> known) {
  for (const auto& [key, ignored] : body) {
    if (std::find(known.begin(), known.end(), std::string_view(key)) != known.end()) continue;
    std::string text = std::string(key) + ": unknown field, expected";
    for (const std::string_view name : known)
      text += " " + std::string(name);
    return Refusal{400, text};
  }
  return {};
}

Answer<std::optional<std::string>> read_string(const object& body, std::string_view key) {
  const value* found = body.if_contains(key);
  if (found == nullptr) return std::optional<std::string>{};
  if (!found->is_string()) return wrong_type(key, "a string", *found);
  return std::optional<std::string>{std::string(found->get_string())};
}

Answer<std::optional<double>> read_toxicity(const object& body) {
  const value* found = body.if_contains("toxicity");
  if (found == nullptr) return std::optional<double>{};
  if (!found->is_number()) return wrong_type("toxicity", "a number from 0 to 1", *found);
  return std::optional<double>{found->to_number<double>()};
}

Answer<object> read_attributes(const object& body) {
  const value* found = body.if_contains("attributes");
  if (found == nullptr) return object{};
  if (!found->is_object()) return wrong_type("attributes", "an object", *found);
  return found->get_object();
}

// What acts on sockets has no stream and hits every connection.
Answer<void> check_connection_fault(const FaultConfig& config, double toxicity) {
  if (is_stream_fault(config) || toxicity == 1) return {};
  return Refusal{400, "toxicity: a " + std::string(type_of(config)) +
                          " acts on the whole connection and on every one, expected 1"};
}

Answer<FaultSpec> make_fault(std::string name, Result<FaultConfig> config, StreamDirection stream,
                             double toxicity) {
  if (config.has_error()) return Refusal{400, config.error().text};
  if (auto checked = check_connection_fault(*config, toxicity); checked.has_error()) {
    return checked.error();
  }
  const bool shapes_a_stream = is_stream_fault(*config);
  return FaultSpec{std::move(name), std::move(*config),
                   shapes_a_stream ? stream : StreamDirection::kBoth, toxicity};
}

// Attributes that are not given keep their values.
Answer<FaultSpec> change_fault(const FaultSpec& current, const object& given,
                               std::optional<double> toxicity) {
  HALFOPEN_TRY(fault,
               make_fault(current.name, read_changed_config(current.config, given, "attributes"),
                          current.stream, static_cast<float>(toxicity.value_or(current.toxicity))));
  fault.stream_as_given = current.stream_as_given;
  return fault;
}

object without_nulls(const object& attributes) {
  object kept;
  for (const auto& [key, content] : attributes) {
    if (!content.is_null()) kept[key] = content;
  }
  return kept;
}

// A stream fault's attributes are read as Toxiproxy does; those of ours strictly, also here.
object lenient_attributes(std::string_view type, const object& attributes) {
  const bool shapes_a_stream = is_stream_fault_type(type);
  return shapes_a_stream ? known_attributes(type, without_nulls(attributes)) : attributes;
}

Answer<std::vector<FaultSpec>> read_faults(const value* found) {
  std::vector<FaultSpec> faults;
  if (found == nullptr) return faults;
  if (!found->is_array()) return wrong_type("faults", "an array", *found);
  if (found->get_array().size() > kFaultsMax) {
    return Refusal{400, "faults: more than " + std::to_string(kFaultsMax)};
  }
  for (const value& entry : found->get_array()) {
    auto fault = read_fault(entry);
    const std::string where = "faults[" + std::to_string(faults.size()) + "]";
    if (fault.has_error()) {
      return Refusal{fault.error().status, where + ": " + fault.error().text};
    }
    for (const FaultSpec& other : faults) {
      if (other.name == fault->name) {
        return Refusal{409, where + ": fault already exists: " + fault->name};
      }
    }
    faults.push_back(std::move(*fault));
  }
  return faults;
}

// All but whether the required ones are there.
Answer<ProxyRequest> read_proxy_fields(const value& body) {
  HALFOPEN_TRY(fields, LenientObject::from(body, "Proxy"));
  HALFOPEN_TRY(name, fields.string("name"));
  HALFOPEN_TRY(listen, fields.string("listen"));
  HALFOPEN_TRY(upstream, fields.string("upstream"));
  HALFOPEN_TRY(enabled, fields.boolean("enabled"));
  HALFOPEN_TRY(half_close, fields.boolean("half_close"));
  return ProxyRequest{name.value_or(""),      listen.value_or(""),        upstream.value_or(""),
                      enabled.value_or(true), half_close.value_or(false), {}};
}

Answer<ProxyRequest> finish_proxy(ProxyRequest request, const value& body,
                                  const std::string& place) {
  if (request.name.empty()) return Refusal{400, "missing required field: name" + place};
  if (request.upstream.empty()) return Refusal{400, "missing required field: upstream" + place};
  if (auto checked = check_name(request.name, Slash::kTaken); checked.has_error()) {
    return Refusal{400, checked.error().text + place};
  }
  HALFOPEN_TRY(fields, LenientObject::from(body, "Proxy"));
  auto faults = read_faults(fields.find("faults"));
  if (faults.has_error()) {
    // Not Toxiproxy's words, so the place may come first: behind a list of names nobody finds it.
    const std::string where = place.empty() ? "" : place.substr(std::string(" at ").size()) + ": ";
    return Refusal{faults.error().status, where + faults.error().text};
  }
  request.faults = std::move(*faults);
  return request;
}

}  // namespace

std::string stream_text(const FaultSpec& fault) {
  return fault.stream_as_given.empty() ? std::string(to_text(fault.stream)) : fault.stream_as_given;
}

Answer<ProxyRequest> read_proxy(const value& body) {
  HALFOPEN_TRY(request, read_proxy_fields(body));
  return finish_proxy(std::move(request), body, "");
}

Answer<std::vector<ProxyRequest>> read_proxies(const value& body) {
  std::vector<ProxyRequest> requests;
  if (body.is_null()) return requests;
  if (!body.is_array()) {
    return Refusal{400, "bad request body: json: cannot unmarshal " + go_kind(body) +
                            " into Go value of type []toxiproxy.Proxy"};
  }
  // Toxiproxy reads the whole array before it asks what is missing.
  for (const value& entry : body.get_array()) {
    HALFOPEN_TRY(request, read_proxy_fields(entry));
    requests.push_back(std::move(request));
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const std::string place = " at proxy " + std::to_string(i + 1);
    HALFOPEN_TRY(request, finish_proxy(std::move(requests[i]), body.get_array()[i], place));
    requests[i] = std::move(request);
  }
  return requests;
}

Answer<ProxyUpdate> read_proxy_update(const value& body) {
  HALFOPEN_TRY(fields, LenientObject::from(body, "Proxy"));
  HALFOPEN_TRY(listen, fields.string("listen"));
  HALFOPEN_TRY(upstream, fields.string("upstream"));
  HALFOPEN_TRY(enabled, fields.boolean("enabled"));
  HALFOPEN_TRY(half_close, fields.boolean("half_close"));
  // The name is that of the path whatever is here, but it is a string.
  if (auto name = fields.string("name"); name.has_error()) return name.error();
  HALFOPEN_TRY(faults, read_faults(fields.find("faults")));
  ProxyUpdate update{std::move(listen), std::move(upstream), enabled, half_close,
                     std::move(faults)};
  // An empty text is Toxiproxy's "as before".
  if (update.listen && update.listen->empty()) update.listen.reset();
  if (update.upstream && update.upstream->empty()) update.upstream.reset();
  return update;
}

Answer<ToxicRequest> read_toxic(const value& body) {
  HALFOPEN_TRY(fields, LenientObject::from(body, "ToxicWrapper"));
  HALFOPEN_TRY(name, fields.string("name"));
  HALFOPEN_TRY(type, fields.string("type"));
  HALFOPEN_TRY(stream_text, fields.string("stream"));
  HALFOPEN_TRY(toxicity, fields.number("toxicity"));
  ToxicRequest request;
  request.type = type.value_or("");
  request.stream_text = stream_text.value_or("downstream");
  request.toxicity = toxicity.value_or(1);
  const auto stream = parse_stream(request.stream_text);
  if (!stream) {
    return Refusal{400, "stream was invalid, can be either upstream or downstream"};
  }
  request.stream = *stream;
  if (!is_fault_type(request.type)) return Refusal{400, "invalid toxic type"};
  const std::string fallback =
      is_stream_fault_type(request.type) ? request.type + "_" + request.stream_text : request.type;
  request.name = name && !name->empty() ? *name : fallback;
  if (auto checked = check_name(request.name, Slash::kRefused); checked.has_error())
    return checked.error();
  HALFOPEN_TRY(attributes, fields.object("attributes"));
  request.attributes = std::move(attributes);
  return request;
}

Answer<FaultSpec> to_fault(const ToxicRequest& request) {
  auto config = read_fault_config(
      request.type, lenient_attributes(request.type, request.attributes), "attributes");
  HALFOPEN_TRY(fault, make_fault(request.name, std::move(config), request.stream,
                                 static_cast<float>(request.toxicity)));
  if (is_stream_fault(fault.config)) fault.stream_as_given = request.stream_text;
  return fault;
}

Answer<FaultSpec> read_toxic_update(const FaultSpec& current, const value& body) {
  HALFOPEN_TRY(fields, LenientObject::from(body, "ToxicWrapper"));
  HALFOPEN_TRY(given, fields.object("attributes"));
  HALFOPEN_TRY(toxicity, fields.number("toxicity"));
  return change_fault(current, lenient_attributes(type_of(current.config), given), toxicity);
}

Answer<FaultSpec> read_fault(const value& json) {
  if (!json.is_object()) return wrong_type("body", "a JSON object", json);
  const object& body = json.get_object();
  if (auto checked = check_keys(body, {"name", "type", "stream", "toxicity", "attributes"});
      checked.has_error()) {
    return checked.error();
  }
  HALFOPEN_TRY(type, read_string(body, "type"));
  if (!type || type->empty()) return Refusal{400, "missing required field: type"};
  HALFOPEN_TRY(given_name, read_string(body, "name"));
  HALFOPEN_TRY(stream_text, read_string(body, "stream"));
  HALFOPEN_TRY(toxicity, read_toxicity(body));
  HALFOPEN_TRY(attributes, read_attributes(body));
  const bool shapes_a_stream = is_stream_fault_type(*type);
  const auto stream = parse_stream(stream_text.value_or("downstream"));
  if (!stream) {
    return Refusal{
        400, "stream: expected one of upstream, downstream, both, got \"" + *stream_text + "\""};
  }
  if (stream_text && is_fault_type(*type) && !shapes_a_stream &&
      *stream != StreamDirection::kBoth) {
    return Refusal{
        400, "stream: a " + *type + " acts on the whole connection, expected both or nothing"};
  }
  const std::string name =
      given_name.value_or(shapes_a_stream ? *type + "_" + std::string(to_text(*stream)) : *type);
  if (name.empty()) return Refusal{400, "name: expected a name, got \"\""};
  if (auto checked = check_name(name, Slash::kRefused); checked.has_error()) return checked.error();
  return make_fault(name, read_fault_config(*type, attributes, "attributes"), *stream,
                    static_cast<float>(toxicity.value_or(1)));
}

Answer<FaultSpec> read_fault_update(const FaultSpec& current, const value& json) {
  if (!json.is_object()) return wrong_type("body", "a JSON object", json);
  const object& body = json.get_object();
  if (auto checked = check_keys(body, {"name", "type", "stream", "toxicity", "attributes"});
      checked.has_error()) {
    return checked.error();
  }
  HALFOPEN_TRY(given, read_attributes(body));
  HALFOPEN_TRY(toxicity, read_toxicity(body));
  return change_fault(current, given, toxicity);
}

namespace {

std::vector<std::string> find_ignored_keys(const value& proxies) {
  constexpr std::array<std::string_view, 6> kKnown{"name",    "listen",     "upstream",
                                                   "enabled", "half_close", "faults"};
  std::vector<std::string> lines;
  if (!proxies.is_array()) return lines;
  std::size_t position = 0;
  for (const value& entry : proxies.get_array()) {
    ++position;
    if (!entry.is_object()) continue;
    for (const auto& [key, ignored] : entry.get_object()) {
      if (std::find(kKnown.begin(), kKnown.end(), lower(std::string(key))) != kKnown.end()) {
        continue;
      }
      lines.push_back("proxy " + std::to_string(position) + ": nothing reads \"" +
                      std::string(key) + "\"");
    }
  }
  return lines;
}

// Where a person looks for what is wrong: the line at which the text stops being JSON.
std::string line_of_error(std::string_view text) {
  boost::json::stream_parser parser;
  boost::system::error_code error;
  const std::size_t read = parser.write_some(text.data(), text.size(), error);
  const auto line =
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(read), '\n');
  return "line " + std::to_string(line + 1);
}

}  // namespace

Answer<ProxyConfig> read_config_text(std::string_view text) {
  const auto json = read_json(text);
  if (json.has_error()) {
    return Refusal{400, "not a configuration: " + json.error().text + ", " + line_of_error(text)};
  }
  if (!json->is_array()) {
    return Refusal{400, "expected an array of {\"name\", \"listen\", \"upstream\", \"faults\"}"};
  }
  HALFOPEN_TRY(proxies, read_proxies(*json));
  std::vector<std::string> names;
  for (const ProxyRequest& proxy : proxies) {
    if (std::find(names.begin(), names.end(), proxy.name) != names.end()) {
      return Refusal{400, "two proxies are called " + proxy.name};
    }
    names.push_back(proxy.name);
  }
  return ProxyConfig{std::move(proxies), find_ignored_keys(*json)};
}

}  // namespace halfopen
