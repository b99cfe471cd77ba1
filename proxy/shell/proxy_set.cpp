#include "proxy/shell/proxy_set.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <initializer_list>
#include <optional>

#include "proxy/shell/fault_profile.hpp"
#include "proxy/shell/socket_address.hpp"

namespace halfopen {
namespace {

using boost::json::object;
using boost::json::value;

constexpr std::string_view kInsteadOfToxics =
    "this proxy has faults instead: use POST /proxies/{name}/faults";
constexpr std::string_view kInsteadOfChangingFaults =
    "use POST /proxies/{name}/faults to add one, POST or DELETE /proxies/{name}/faults/{fault} to "
    "change or remove it";

Refusal wrong_type(std::string_view where, std::string_view expected, const value& found) {
  return {400, std::string(where) + ": expected " + std::string(expected) + ", got " +
                   boost::json::serialize(found)};
}

Answer<const object*> as_object(const value& body) {
  if (body.is_object()) return &body.get_object();
  return wrong_type("body", "a JSON object", body);
}

// Nothing when the key is absent.
Answer<std::optional<std::string>> read_string(const object& body, std::string_view key) {
  const value* found = body.if_contains(key);
  if (found == nullptr) return std::optional<std::string>{};
  if (!found->is_string()) return wrong_type(key, "a string", *found);
  return std::optional<std::string>{std::string(found->get_string())};
}

Answer<std::string> read_required(const object& body, std::string_view key) {
  HALFOPEN_TRY(text, read_string(body, key));
  if (text && !text->empty()) return *text;
  return Refusal{400, "missing required field: " + std::string(key)};
}

Answer<bool> read_flag(const object& body, std::string_view key, bool fallback) {
  const value* found = body.if_contains(key);
  if (found == nullptr) return fallback;
  if (!found->is_bool()) return wrong_type(key, "true or false", *found);
  return found->get_bool();
}

Answer<void> check_name(const std::string& name) {
  const bool bad = std::any_of(name.begin(), name.end(), [](char letter) {
    return static_cast<unsigned char>(letter) <= ' ' || letter == '/' || letter == '?' ||
           letter == '#' || letter == '%' || static_cast<unsigned char>(letter) >= 0x7f;
  });
  if (!bad) return {};
  return Refusal{400, "name: \"" + name +
                          "\" could not be addressed in a URL, expected visible ASCII without / ? "
                          "# %"};
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

// A field that clients send along empty, but that is not acted on: content would be lost in
// silence.
Answer<void> check_empty(const object& body, std::string_view key, std::string_view instead) {
  const value* found = body.if_contains(key);
  if (found == nullptr || found->is_null()) return {};
  if (found->is_array() && found->get_array().empty()) return {};
  return wrong_type(key, "null or [] here (" + std::string(instead) + ")", *found);
}

Answer<object> read_attributes(const object& body) {
  const value* found = body.if_contains("attributes");
  if (found == nullptr) return object{};
  if (!found->is_object()) return wrong_type("attributes", "an object", *found);
  return found->get_object();
}

Answer<StreamDirection> read_stream(const object& body) {
  HALFOPEN_TRY(text, read_string(body, "stream"));
  for (const StreamDirection direction :
       {StreamDirection::kUpstream, StreamDirection::kDownstream, StreamDirection::kBoth}) {
    if (text.value_or("downstream") == to_text(direction)) return direction;
  }
  return Refusal{400, "stream: expected upstream, downstream or both, got \"" + *text + "\""};
}

Answer<double> read_toxicity(const object& body, double fallback) {
  const value* found = body.if_contains("toxicity");
  if (found == nullptr) return fallback;
  if (!found->is_number()) return wrong_type("toxicity", "a number", *found);
  return found->to_number<double>();
}

}  // namespace

ProxySet::~ProxySet() {
  for (auto& [name, proxy] : proxies_)
    proxy->stop();
}

Answer<Proxy*> ProxySet::create(const value& json) {
  HALFOPEN_TRY(body, as_object(json));
  if (auto checked = check_keys(
          *body, {"name", "listen", "upstream", "enabled", "half_close", "faults", "toxics"});
      checked.has_error()) {
    return checked.error();
  }
  if (auto checked = check_empty(*body, "toxics", kInsteadOfToxics); checked.has_error()) {
    return checked.error();
  }
  ProxySettings settings;
  HALFOPEN_TRY(name, read_required(*body, "name"));
  if (auto checked = check_name(name); checked.has_error()) return checked.error();
  HALFOPEN_TRY(upstream_text, read_required(*body, "upstream"));
  HALFOPEN_TRY(listen_text, read_string(*body, "listen"));
  HALFOPEN_TRY(enabled, read_flag(*body, "enabled", true));
  HALFOPEN_TRY(half_close, read_flag(*body, "half_close", false));
  if (proxies_.contains(name)) return Refusal{409, "proxy already exists: " + name};

  auto proxy = std::make_shared<Proxy>(
      context_, ProxySettings{name, listen_text.value_or(""), upstream_text, enabled, half_close});
  if (auto started = proxy->start(); started.has_error()) {
    return Refusal{500, started.error().text, true};
  }
  proxies_.emplace(name, proxy);
  if (const value* faults = body->if_contains("faults")) {
    if (!faults->is_array()) {
      (void)remove(name);
      return wrong_type("faults", "an array", *faults);
    }
    for (const value& fault : faults->get_array()) {
      auto added = add_fault(*proxy, fault);
      if (added.has_error()) {
        (void)remove(name);  // all or nothing
        return Refusal{added.error().status, "faults: " + added.error().text,
                       added.error().is_well_formed};
      }
    }
  }
  return proxy.get();
}

Answer<Proxy*> ProxySet::change(const std::string& name, const value& json) {
  HALFOPEN_TRY(proxy, find(name));
  HALFOPEN_TRY(body, as_object(json));
  if (auto checked = check_keys(
          *body, {"name", "listen", "upstream", "enabled", "half_close", "faults", "toxics"});
      checked.has_error()) {
    return checked.error();
  }
  if (auto checked = check_empty(*body, "toxics", kInsteadOfToxics); checked.has_error()) {
    return checked.error();
  }
  if (auto checked = check_empty(*body, "faults", kInsteadOfChangingFaults); checked.has_error()) {
    return checked.error();
  }
  ProxySettings settings = proxy->settings();
  HALFOPEN_TRY(listen_text, read_string(*body, "listen"));
  HALFOPEN_TRY(upstream_text, read_string(*body, "upstream"));
  if (listen_text) settings.listen = *listen_text;
  if (upstream_text) settings.upstream = *upstream_text;
  HALFOPEN_TRY(enabled, read_flag(*body, "enabled", settings.enabled));
  HALFOPEN_TRY(half_close, read_flag(*body, "half_close", settings.half_close));
  settings.enabled = enabled;
  settings.half_close = half_close;
  if (auto changed = proxy->change(settings); changed.has_error()) {
    return Refusal{500, changed.error().text, true};
  }
  return proxy;
}

Answer<void> ProxySet::remove(const std::string& name) {
  const auto found = proxies_.find(name);
  if (found == proxies_.end()) return Refusal{404, "proxy not found: " + name};
  found->second->stop();
  // Timer handlers that are already queued still refer to it.
  context_.loop.post([stopped = std::move(found->second)] {});
  proxies_.erase(found);
  return {};
}

Answer<Proxy*> ProxySet::find(const std::string& name) {
  const auto found = proxies_.find(name);
  if (found == proxies_.end()) return Refusal{404, "proxy not found: " + name};
  return found->second.get();
}

Answer<void> ProxySet::check_abilities(const FaultConfig& config) const {
  const auto missing = missing_abilities(needs_of(config), abilities(), context_.mark);
  if (!missing) return {};
  return Refusal{501, *missing, true};
}

Answer<Proxy::Fault*> ProxySet::add_fault(Proxy& proxy, const value& json) {
  HALFOPEN_TRY(body, as_object(json));
  if (auto checked = check_keys(*body, {"name", "type", "stream", "toxicity", "attributes"});
      checked.has_error()) {
    return checked.error();
  }
  HALFOPEN_TRY(type, read_required(*body, "type"));
  HALFOPEN_TRY(stream, read_stream(*body));
  HALFOPEN_TRY(toxicity, read_toxicity(*body, 1));
  HALFOPEN_TRY(given_name, read_string(*body, "name"));
  HALFOPEN_TRY(attributes, read_attributes(*body));
  const auto config = read_fault_config(type, attributes, "attributes");
  if (config.has_error()) return Refusal{400, config.error().text};
  const std::string name = given_name.value_or(type);
  if (auto checked = check_name(name); checked.has_error()) return checked.error();
  if (proxy.find_fault(name) != nullptr) return Refusal{409, "fault already exists: " + name};
  const auto* present = proxy.find_fault_of_type(type);
  if (present != nullptr && !is_stream_fault(*config)) {
    return Refusal{409, "the proxy has a " + type + " fault already: " + present->spec.name};
  }
  if (auto able = check_abilities(*config); able.has_error()) return able.error();
  return &proxy.add_fault({name, *config, stream, toxicity});
}

Answer<void> ProxySet::change_fault(Proxy& proxy, Proxy::Fault& fault, const value& json) {
  HALFOPEN_TRY(body, as_object(json));
  if (auto checked = check_keys(*body, {"name", "type", "stream", "toxicity", "attributes"});
      checked.has_error()) {
    return checked.error();
  }
  HALFOPEN_TRY(given, read_attributes(*body));
  HALFOPEN_TRY(toxicity, read_toxicity(*body, fault.spec.toxicity));
  const auto config = read_changed_config(fault.spec.config, given, "attributes");
  if (config.has_error()) return Refusal{400, config.error().text};
  if (auto able = check_abilities(*config); able.has_error()) return able.error();
  const FaultSpec spec{fault.spec.name, *config, fault.spec.stream, toxicity};
  if (auto changed = proxy.change_fault(fault, spec); changed.has_error()) {
    return Refusal{409, changed.error().text};
  }
  return {};
}

object to_json(const Proxy::Fault& fault) {
  object shown{{"name", fault.spec.name},
               {"type", type_of(fault.spec.config)},
               {"attributes", attributes_of(fault.spec.config)}};
  if (is_stream_fault(fault.spec.config)) {
    shown["stream"] = to_text(fault.spec.stream);
    shown["toxicity"] = fault.spec.toxicity;
  }
  if (auto warning = warning_of(fault.spec.config); !warning.empty()) shown["warning"] = warning;
  return shown;
}

object to_json(Proxy& proxy) {
  const ProxySettings settings = proxy.settings();
  boost::json::array faults;
  for (const Proxy::Fault& fault : proxy.faults())
    faults.push_back(to_json(fault));
  return {{"name", settings.name},
          {"listen", settings.listen},
          {"upstream", settings.upstream},
          {"enabled", settings.enabled},
          {"half_close", settings.half_close},
          {"faults", std::move(faults)}};
}

}  // namespace halfopen
