// fault-proxy: reads its options, puts the parts together, and runs until it is told to stop.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/json/parse.hpp>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iterator>

#include "metrics/clock.hpp"
#include "proxy/shell/control_api.hpp"
#include "proxy/shell/log.hpp"

namespace halfopen {
namespace {

constexpr int kExitFailure = 1;
constexpr int kExitBadInput = 64;
constexpr int kExitInternal = 70;

struct Options {
  std::string control = "127.0.0.1:8474";
  std::string events;
  std::string config;
  std::uint32_t mark = 0x68616c66;  // "half"
  std::uint64_t seed = 1;
  std::size_t connections_max = 1000;
  bool check_config = false;
  LogFormat log_format = LogFormat::kText;
};

int fail(int code, const std::string& text) {
  std::fprintf(stderr, "fault-proxy: %s\n", text.c_str());
  return code;
}

// Two sockets a connection: the default soft limit of 1024 would be reached first.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

Result<boost::json::array> read_config(const std::string& path) {
  std::ifstream file(path);
  if (!file) return Problem{path, ": cannot be opened, expected a JSON file"};
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  boost::system::error_code error;
  const auto parsed = boost::json::parse(text, error);
  if (error) return Problem{path, ": not JSON: ", error.message()};
  if (!parsed.is_array()) {
    return Problem{path, ": expected an array of {\"name\", \"listen\", \"upstream\", \"faults\"}"};
  }
  return parsed.get_array();
}

// The exit code of a start that failed, or 0.
int create_proxies(ProxySet& proxies, const std::string& path, bool only_check) {
  const auto config = read_config(path);
  if (config.has_error()) return fail(kExitBadInput, config.error().text);
  std::size_t position = 0;
  for (boost::json::value entry : *config) {
    // A proxy that is not enabled opens nothing; what the machine cannot do is no mistake in a
    // file.
    if (only_check && entry.is_object()) entry.get_object()["enabled"] = false;
    if (auto created = proxies.create(entry); created.has_error()) {
      const bool bad_input = !created.error().is_well_formed;
      if (only_check && !bad_input) continue;
      return fail(bad_input ? kExitBadInput : kExitFailure,
                  path + ": proxy [" + std::to_string(position) + "]: " + created.error().text);
    }
    ++position;
  }
  return 0;
}

int run(const Options& options) {
  set_log_format(options.log_format);
  raise_descriptor_limit();
  if (auto endpoint = parse_host_port(options.control); endpoint.has_error()) {
    return fail(kExitBadInput, "--control: " + endpoint.error().text);
  }
  EventLog events;
  if (!options.events.empty()) {
    auto opened = EventLog::open(options.events, "fault-proxy", "fault-proxy");
    if (opened.has_error()) return fail(kExitBadInput, "--events: " + opened.error().text);
    events = std::move(*opened);
  }
  boost::asio::io_context context{1};
  MetricSet metrics;
  EventLoop loop;
  Resolver resolver{loop};
  PipePool pipes;
  ProxyContext proxy_context{loop,   resolver,     pipes,        metrics,
                             events, options.mark, options.seed, options.connections_max};
  ProxySet proxies{proxy_context};
  ControlApi api{proxies, metrics};
  HttpEndpoint endpoint{context};
  if (options.check_config) {
    const int code = create_proxies(proxies, options.config, true);
    if (code == 0) std::printf("%s: good\n", options.config.c_str());
    return code;
  }
  auto control = endpoint.listen(
      options.control, [&api](const HttpRequest& request) { return api.handle(request); });
  if (control.has_error()) return fail(kExitFailure, "--control: " + control.error().text);
  if (!options.config.empty()) {
    if (const int code = create_proxies(proxies, options.config, false); code != 0) return code;
  }
  boost::asio::signal_set signals{context, SIGTERM, SIGINT};
  signals.async_wait([&loop](boost::system::error_code error, int) {
    if (!error) loop.stop();
  });
  events.write("started", {{"control", *control}, {"pid", getpid()}, {"seed", options.seed}});
  log_line(LogLevel::kInfo, "started", {{"control", *control}});
  // The control API's own loop is turned from this one.
  Timer turn_control{loop, [&] {
                       context.poll();
                       turn_control.arm(monotonic_now() + std::chrono::milliseconds(2));
                     }};
  turn_control.arm(monotonic_now());
  loop.run();
  log_line(LogLevel::kInfo, "stopped");
  return 0;
}

int parse_and_run(int argc, char** argv) {
  Options options;
  CLI::App app{
      "A TCP proxy that behaves like a NAT, a black hole or a restarting peer.\n"
      "Proxies and faults are made over HTTP: see GET /proxies on the control address.",
      "fault-proxy"};
  app.set_version_flag("--version", "fault-proxy " HALFOPEN_VERSION);
  app.add_option("--control", options.control, "control API and metrics, a loopback IP:PORT")
      ->capture_default_str();
  app.add_option("--events", options.events, "file to which events are appended as JSON lines");
  CLI::Option* config_option =
      app.add_option("--config", options.config, "JSON array of proxies to begin with");
  app.add_flag("--check-config", options.check_config, "read the configuration and exit")
      ->needs(config_option);
  app.add_option("--mark", options.mark, "SO_MARK of silent sockets; a firewall rule drops it")
      ->default_str("0x68616c66")
      ->check(CLI::PositiveNumber);
  app.add_option("--seed", options.seed, "seed of everything random")->capture_default_str();
  app.add_option("--connections-max", options.connections_max, "limit a proxy")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  std::string log_format = "text";
  app.add_option("--log-format", log_format, "text or json")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitBadInput;
  }
  if (log_format == "json") options.log_format = LogFormat::kJson;
  return run(options);
}

}  // namespace
}  // namespace halfopen

int main(int argc, char** argv) {
  try {
    return halfopen::parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    return halfopen::fail(halfopen::kExitInternal, std::string("internal error: ") + error.what());
  }
}
