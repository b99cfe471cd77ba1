// The control API's calls on the faults of a proxy: Toxiproxy's view of them, and ours.
#include "proxy/shell/api_answers.hpp"
#include "proxy/shell/api_replies.hpp"
#include "proxy/shell/control_api.hpp"
#include "proxy/shell/toxiproxy_json.hpp"

namespace halfopen {

HttpResponse ControlApi::handle_toxics(const HttpRequest& request, Proxy& proxy) {
  if (request.method == "GET") return json_reply(200, toxics_text(proxy));
  const auto body = read_json(request.body);
  if (body.has_error()) return refuse(body.error());
  const auto wanted = read_toxic(*body);
  if (wanted.has_error()) return refuse(wanted.error());
  if (proxy.find_fault(wanted->name) != nullptr) return api_error(409, "toxic already exists");
  const auto fault = to_fault(*wanted);
  if (fault.has_error()) return refuse(fault.error());
  const auto added = proxies_.add_fault(proxy, *fault);
  if (added.has_error()) return refuse(added.error());
  return json_reply(200, toxic_text(spec_of(**added)));
}

HttpResponse ControlApi::handle_toxic(const HttpRequest& request, Proxy& proxy,
                                      const std::string& name) {
  Proxy::Fault* fault = proxy.find_fault(name);
  if (fault == nullptr) return api_error(404, "toxic not found");
  if (request.method == "GET") return json_reply(200, toxic_text(spec_of(*fault)));
  if (request.method == "DELETE") {
    const auto removed = proxies_.remove_fault(proxy, name);
    return removed.has_error() ? refuse(removed.error()) : no_content();
  }
  const auto body = read_json(request.body);
  if (body.has_error()) return refuse(body.error());
  const auto changed = read_toxic_update(spec_of(*fault), *body);
  if (changed.has_error()) return refuse(changed.error());
  const auto done = proxies_.change_fault(proxy, *fault, *changed);
  if (done.has_error()) return refuse(done.error());
  return json_reply(200, toxic_text(spec_of(*fault)));
}

HttpResponse ControlApi::handle_faults(const HttpRequest& request, Proxy& proxy) {
  if (request.method == "GET") return json_reply(200, faults_text(proxy));
  const auto body = read_json(request.body);
  if (body.has_error()) return refuse(body.error());
  const auto fault = read_fault(*body);
  if (fault.has_error()) return refuse(fault.error());
  const auto added = proxies_.add_fault(proxy, *fault);
  if (added.has_error()) return refuse(added.error());
  return json_reply(200, fault_text(spec_of(**added)));
}

HttpResponse ControlApi::handle_fault(const HttpRequest& request, Proxy& proxy,
                                      const std::string& name) {
  Proxy::Fault* fault = proxy.find_fault(name);
  if (fault == nullptr) return api_error(404, "fault not found: " + name);
  if (request.method == "GET") return json_reply(200, fault_text(spec_of(*fault)));
  if (request.method == "DELETE") {
    const auto removed = proxies_.remove_fault(proxy, name);
    return removed.has_error() ? refuse(removed.error()) : no_content();
  }
  const auto body = read_json(request.body);
  if (body.has_error()) return refuse(body.error());
  const auto changed = read_fault_update(spec_of(*fault), *body);
  if (changed.has_error()) return refuse(changed.error());
  const auto done = proxies_.change_fault(proxy, *fault, *changed);
  if (done.has_error()) return refuse(done.error());
  return json_reply(200, fault_text(spec_of(*fault)));
}

HttpResponse ControlApi::handle_flush(Proxy& proxy, const std::string& name) {
  Proxy::Fault* fault = proxy.find_fault(name);
  if (fault == nullptr) return api_error(404, "fault not found: " + name);
  const auto flushed = proxy.flush_fault(*fault);
  if (flushed.has_error()) {
    return api_error(400, flushed.error().text + ", and " + name + " is of type " +
                              std::string(type_of(spec_of(*fault).config)));
  }
  return json_reply(200, "{\"flushed\":" + std::to_string(*flushed) + "}");
}

}  // namespace halfopen
