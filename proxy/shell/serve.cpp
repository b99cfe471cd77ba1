#include "proxy/shell/serve.hpp"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "metrics/host_port.hpp"
#include "proxy/shell/control_api.hpp"
#include "proxy/shell/exit_codes.hpp"
#include "proxy/shell/log.hpp"
#include "proxy/shell/proxy_requests.hpp"
#include "proxy/shell/toxiproxy_json.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kConfigBytesMax = 16 * 1024 * 1024;
constexpr std::uint16_t kDefaultPort = 8474;

// Two sockets a connection: the default soft limit of 1024 would be reached first. Answers how many
// connections a proxy may have: as asked for, or (with 0) what the descriptors allow. What they do
// not allow is said at once, not when the ten thousandth client comes.
std::size_t make_room_for(std::size_t connections_max) {
  constexpr std::size_t kOthers = 64;  // listeners, the control API, pipes
  constexpr std::size_t kUnlessAsked = 100'000;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return connections_max > 0 ? connections_max : 1000;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  const std::size_t allowed =
      limit.rlim_max == RLIM_INFINITY
          ? kUnlessAsked
          : (std::max<std::size_t>(limit.rlim_max, kOthers + 2) - kOthers) / 2;
  if (connections_max == 0) return std::min(allowed, kUnlessAsked);
  if (connections_max <= allowed) return connections_max;
  log_line(LogLevel::kWarning,
           "--connections-max is more than this process has descriptors for, two a connection: "
           "raise the hard limit (ulimit -Hn, LimitNOFILE=) or expect resets",
           {{"connections_max", std::to_string(connections_max)},
            {"descriptors", std::to_string(limit.rlim_max)},
            {"enough_for", std::to_string(allowed)}});
  return connections_max;
}

// Ends the loop on SIGTERM and SIGINT.
class StopSignals final : private IoHandler {
 public:
  explicit StopSignals(EventLoop& loop) : loop_(loop) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    descriptor_ = Descriptor{signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC)};
    loop_.add(descriptor_.get(), EPOLLIN, *this);
  }
  ~StopSignals() { loop_.remove(descriptor_.get(), *this); }
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

 private:
  void handle_io(std::uint32_t) override { loop_.stop(); }
  EventLoop& loop_;
  Descriptor descriptor_;
};

Result<std::vector<ProxyRequest>> read_config(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Problem{path, ": cannot be opened, expected a JSON file"};
  std::string text(kConfigBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kConfigBytesMax) return Problem{path, ": larger than 16 MiB"};
  const auto config = read_config_text(text);
  if (config.has_error()) return Problem{path, ": ", config.error().text};
  for (const std::string& line : config->warnings)
    log_line(LogLevel::kWarning, path + ": " + line);
  return config->proxies;
}

// What cannot be had does not keep the rest from starting.
void create_proxies(ProxySet& proxies, const std::vector<ProxyRequest>& requests) {
  for (const ProxyRequest& request : requests) {
    if (auto created = proxies.create(request); created.has_error()) {
      log_line(LogLevel::kError, "a proxy of the configuration could not be created",
               {{"proxy", request.name}, {"problem", created.error().text}});
    }
  }
}

// IP:PORT of --control, or of Toxiproxy's two options.
Result<std::string> control_address(const ServeOptions& options, Resolver& resolver) {
  if (options.host.empty() && options.port == 0) {
    if (auto parsed = parse_host_port(options.control); parsed.has_error()) {
      return Problem{"--control: ", parsed.error().text};
    }
    return options.control;
  }
  const std::uint16_t port = options.port == 0 ? kDefaultPort : options.port;
  const std::string host = options.host.empty() ? "localhost" : options.host;
  const auto found = resolver.resolve_here(host, port);
  if (found.has_error()) {
    return Problem{"--host: \"", host, "\" is no address of this machine: ", found.error().text};
  }
  return to_text(HostPort{found->front().address().to_string(), port});
}

Result<void> check_reach(const std::string& control, const std::string& token) {
  HALFOPEN_TRY(parsed, parse_host_port(control));
  if (is_loopback(parsed.host) || !token.empty()) return {};
  return Problem{control,
                 " can be reached from other machines, and whoever asks may cut connections: set "
                 "--token-file FILE (or --token TOKEN), or listen on 127.0.0.1"};
}

}  // namespace

Result<std::string> read_token(const std::string& token, const std::string& file) {
  if (file.empty()) return token;
  if (!token.empty()) return Problem{"--token and --token-file exclude each other"};
  std::ifstream stream(file);
  std::string line;
  if (!stream || !std::getline(stream, line)) {
    return Problem{"--token-file: cannot read ", file, ", expected one line"};
  }
  while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
    line.pop_back();
  if (line.empty()) return Problem{"--token-file: ", file, " begins with an empty line"};
  return line;
}

int serve(const ServeOptions& options) {
  set_log_format(options.log_format);
  if (const char* level = std::getenv("LOG_LEVEL")) set_log_level(level);
  const std::size_t connections_max = make_room_for(options.connections_max);
  // splice(2) has no flag against it.
  std::signal(SIGPIPE, SIG_IGN);
  EventLoop loop;
  Resolver resolver{loop};
  const auto token = read_token(options.token, options.token_file);
  if (token.has_error()) return fail(kExitBadInput, token.error().text);
  const auto address = control_address(options, resolver);
  if (address.has_error()) return fail(kExitBadInput, address.error().text);
  if (auto reach = check_reach(*address, *token); reach.has_error()) {
    return fail(kExitBadInput, reach.error().text);
  }
  std::vector<ProxyRequest> configured;
  if (!options.config.empty()) {
    auto config = read_config(options.config);
    if (config.has_error()) return fail(kExitBadInput, config.error().text);
    configured = std::move(*config);
  }
  if (options.check_config) {
    std::printf("%s: good\n", options.config.c_str());
    return 0;
  }
  EventLog events{"fault-proxy", "fault-proxy"};
  if (!options.events.empty()) {
    auto opened = EventLog::open(options.events, "fault-proxy", "fault-proxy");
    if (opened.has_error()) return fail(kExitBadInput, "--events: " + opened.error().text);
    events = std::move(*opened);
  }
  MetricSet metrics;
  PipePool pipes;
  ProxyContext context{loop,   resolver,     pipes,        metrics,
                       events, options.mark, options.seed, connections_max};
  ProxySet proxies{context};
  EventStreams streams{loop, events};
  ControlApi api{proxies, metrics, streams, ApiGuard{*token}};
  HttpServer server{
      loop, [&api](const HttpRequest& request) { return api.handle(request); },
      [&streams](HttpClientId id, bool was_too_slow) { streams.handle_end(id, was_too_slow); }};
  streams.write_to(server);
  const auto control = server.listen(*address);
  if (control.has_error()) return fail(kExitFailure, "--control: " + control.error().text);
  create_proxies(proxies, configured);
  StopSignals signals{loop};
  events.write("started", {{"control", *control}, {"pid", getpid()}, {"seed", options.seed}});
  log_line(LogLevel::kInfo, "started", {{"control", *control}});
  loop.run();
  log_line(LogLevel::kInfo, "stopped");
  return 0;
}

}  // namespace halfopen
