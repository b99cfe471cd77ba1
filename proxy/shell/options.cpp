// The only file of the proxy that includes CLI11.
#include "proxy/shell/options.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

#include "base/near_name.hpp"
#include "proxy/shell/exit_codes.hpp"

namespace halfopen {
namespace {

constexpr const char* kExamples = R"(
Examples:
  fault-proxy                                             serve the API on 127.0.0.1:8474
  fault-proxy -host localhost -port 8474 -config toxiproxy.json
  fault-proxy ctl create web -l 127.0.0.1:8080 -u 127.0.0.1:80
  fault-proxy ctl add web -t nat -a idle_timeout=30s -a on_next_packet=rst
  fault-proxy ctl add web -t latency -a latency=100 -a jitter=20
  fault-proxy ctl tail web                                what happens, as it happens
  fault-proxy faults                                      every fault and its attributes
  fault-proxy profiles                                    idle timeouts of known NATs
)";

constexpr const char* kCtlExamples = R"(
Examples:
  fault-proxy ctl create web --listen localhost:8080 --upstream example.org:80
  fault-proxy ctl add web --type latency --attribute latency=100 --upstream
  fault-proxy ctl add web --type blackhole --name cut
  fault-proxy ctl update web --name cut --attribute at=inside
  fault-proxy ctl remove web --name cut
  fault-proxy ctl connections web
  fault-proxy ctl kill web 17 --how fin
  TOXIPROXY_URL=http://127.0.0.1:9000 fault-proxy ctl list

Every command of toxiproxy-cli works in its own form, too: fault-proxy ctl toxic add -t latency ...
In a terminal there are tables and words; in a pipe, as of toxiproxy-cli, fields between tabs.
)";

constexpr const char* kCreateExamples = R"(
Examples:
  fault-proxy ctl create web -l 127.0.0.1:8080 -u example.org:80
  fault-proxy ctl create web -u 127.0.0.1:80                      any port of any address
  fault-proxy ctl create web -u 127.0.0.1:80 --close-both-ways    as toxiproxy-cli makes them
)";

constexpr const char* kAddExamples = R"(
Examples:
  fault-proxy ctl add web -t nat -a profile=aws-nlb -a idle_timeout=3s
  fault-proxy ctl add web -t blackhole -n cut -a at=inside
  fault-proxy ctl add web -t latency -a latency=100 -a jitter=20 -u --toxicity 0.5
  fault-proxy ctl add web -t flap -a up=10s -a down=2s
  fault-proxy faults nat               the attributes of nat; without a name, of all faults
)";

constexpr const char* kUpdateExamples = R"(
Examples:
  fault-proxy ctl update web -n latency_downstream -a latency=250
  fault-proxy ctl update web -n cut -a at=inside
)";

constexpr const char* kRemoveExamples = R"(
Examples:
  fault-proxy ctl remove web -n latency_downstream      ctl inspect web lists the names
)";

constexpr const char* kKillExamples = R"(
Examples:
  fault-proxy ctl kill web 17 --how fin     a FIN to both sides
  fault-proxy ctl kill web 17 --how vanish  nothing; who sends next gets a RST
  fault-proxy ctl kill web --all            a RST for everybody
)";

constexpr const char* kTailExamples = R"(
Examples:
  fault-proxy ctl tail                      of every proxy
  fault-proxy ctl tail web | grep nat_expired
  curl -N http://127.0.0.1:8474/events?proxy=web
)";

// Words that Go's flags allow with one dash, as Toxiproxy's users write them. What begins with one
// and is longer than a letter is a word of these where the program serves; after ctl, -alatency=1
// is the option a with its value.
constexpr std::array kOneDashWords{"host",          "port",
                                   "config",        "seed",
                                   "proxy-metrics", "runtime-metrics",
                                   "version",       "control",
                                   "events",        "token",
                                   "token-file",    "check-config",
                                   "mark",          "listen",
                                   "upstream",      "downstream",
                                   "type",          "toxicName",
                                   "toxicity",      "tox",
                                   "attribute",     "url",
                                   "help",          "name",
                                   "log-format",    "connections-max"};

std::vector<std::string> with_two_dashes(int argc, const char* const* argv) {
  std::vector<std::string> arguments;
  bool is_command = false;
  for (int i = 1; i < argc; ++i) {
    std::string argument = argv[i];
    const std::string word = argument.substr(0, argument.find('='));
    const bool known =
        std::any_of(kOneDashWords.begin(), kOneDashWords.end(),
                    [&](const char* candidate) { return word == std::string("-") + candidate; });
    // Serving has no short options but -h, so a misspelt one is not taken for that.
    const bool misspelt = !is_command && word.size() > 2 && word[0] == '-' && word[1] != '-';
    is_command = is_command || argument == "ctl" || argument == "profiles" || argument == "faults";
    arguments.push_back(known || misspelt ? "-" + argument : argument);
  }
  return arguments;
}

struct Parsed {
  ServeOptions serve;
  CtlOptions ctl;
  ProfilesOptions profiles;
  FaultsOptions faults;
  std::string log_format = "text";
  bool ignored = false;
  bool is_profiles = false;
  bool is_faults = false;
  bool is_ctl = false;
};

// CLI11's own words for a number's bounds are those of the type.
const CLI::Validator kAboveZero{[](std::string& text) -> std::string {
                                  std::int64_t number = 0;
                                  return CLI::detail::lexical_cast(text, number) && number > 0
                                             ? ""
                                             : "expected a whole number above 0, got \"" + text +
                                                   "\"";
                                },
                                ""};
const CLI::Validator kPort{[](std::string& text) -> std::string {
                             std::uint16_t port = 0;
                             return CLI::detail::lexical_cast(text, port) && port > 0
                                        ? ""
                                        : "expected a port from 1 to 65535, got \"" + text + "\"";
                           },
                           ""};

void add_serve_options(CLI::App& app, Parsed& parsed) {
  ServeOptions& serve = parsed.serve;
  auto* control = app.add_option("--control", serve.control, "address of the API and the metrics")
                      ->option_text("IP:PORT=127.0.0.1:8474");
  app.add_option("--host", serve.host, "the same without its port, as toxiproxy-server")
      ->option_text("ADDRESS")
      ->excludes(control);
  app.add_option("--port", serve.port, "the API's port, as toxiproxy-server")
      ->option_text("PORT")
      ->check(kPort)
      ->excludes(control);
  app.add_option("--token", serve.token, "what callers must show; needed beyond loopback")
      ->option_text("TEXT");
  app.add_option("--token-file", serve.token_file, "file that holds it, so that ps shows nothing")
      ->option_text("FILE");
  app.add_option("--events", serve.events, "file to which events are appended as JSON lines")
      ->option_text("FILE");
  auto* config =
      app.add_option("--config", serve.config,
                     "JSON array of proxies to begin with, each with its \"faults\" if it has any")
          ->option_text("FILE");
  app.add_flag("--check-config", serve.check_config, "read the --config and exit")->needs(config);
  app.add_option("--mark", serve.mark, "SO_MARK of silent sockets; a firewall rule drops it")
      ->option_text("NUMBER=0x68616c66")
      ->check(kAboveZero);
  app.add_option("--seed", serve.seed, "seed of everything random")->option_text("NUMBER=1");
  app.add_option("--connections-max", serve.connections_max,
                 "connections of a proxy; a client more gets a reset")
      ->option_text("NUMBER=what the descriptors allow")
      ->check(kAboveZero);
  app.add_option("--log-format", parsed.log_format, "text or json; LOG_LEVEL says how much")
      ->option_text("WORD=text")
      ->check(CLI::IsMember({"text", "json"}));
  app.add_flag("--proxy-metrics", parsed.ignored, "taken for toxiproxy-server: /metrics has them");
  app.add_flag("--runtime-metrics", parsed.ignored, "taken for toxiproxy-server");
}

void add_faults_command(CLI::App& parent, Parsed& parsed) {
  auto* faults = parent.add_subcommand("faults", "every fault, its attributes and an example");
  faults->set_help_flag("--help", "print this and exit");
  faults->footer("");
  faults->add_option("TYPE", parsed.faults.type, "only this one");
  faults->callback([&parsed] { parsed.is_faults = true; });
}

class CtlParser {
 public:
  CtlParser(CLI::App& ctl, Parsed& parsed) : ctl_(ctl), parsed_(parsed), options_(parsed.ctl) {
    ctl.set_help_flag("--help", "print this and exit");
    ctl.add_option("--url,--host,-h", options_.url, "where the API is")
        ->envname("TOXIPROXY_URL")
        ->capture_default_str();
    ctl.add_option("--token", options_.token, "the API's token")->envname("FAULT_PROXY_TOKEN");
    ctl.add_option("--token-file", options_.token_file, "file that holds it");
    ctl.require_subcommand(1);
    ctl.footer(kCtlExamples);
    ctl.final_callback([this] { parsed_.is_ctl = true; });
  }

  void add_all() {
    command(ctl_, "list", "every proxy: name, listen, upstream, state, faults", CtlAction::kList,
            {"l", "li", "ls"});
    with_proxy(
        command(ctl_, "inspect", "the faults of a proxy", CtlAction::kInspect, {"i", "ins"}));
    add_create();
    with_proxy(command(ctl_, "delete", "delete a proxy", CtlAction::kDelete, {"d"}));
    with_proxy(command(ctl_, "toggle", "disable or enable a proxy", CtlAction::kToggle, {"tog"}));
    add_fault_commands(ctl_, false);
    auto* toxic = ctl_.add_subcommand("toxic", "toxiproxy-cli's form: toxic add|update|remove");
    toxic->alias("t");
    toxic->set_help_flag("--help", "print this and exit");
    toxic->fallthrough();
    toxic->require_subcommand(1);
    add_fault_commands(*toxic, true);
    add_connection_commands();
    command(ctl_, "reset", "enable every proxy and remove every fault", CtlAction::kReset, {});
    auto* profiles = ctl_.add_subcommand("profiles", "idle timeouts of known NATs and firewalls");
    profiles->add_flag("--json", parsed_.profiles.json, "as JSON");
    profiles->callback([this] { parsed_.is_profiles = true; });
    profiles->footer("");
    add_faults_command(ctl_, parsed_);
  }

 private:
  CLI::App& command(CLI::App& parent, const char* name, const char* help, CtlAction action,
                    std::initializer_list<const char*> aliases) {
    auto* added = parent.add_subcommand(name, help);
    for (const char* alias : aliases)
      added->alias(alias);
    added->set_help_flag("--help", "print this and exit");
    added->footer("");
    added->fallthrough();
    added->callback([this, action] { options_.action = action; });
    return *added;
  }

  CLI::App& with_proxy(CLI::App& added) {
    added.add_option("PROXY", options_.proxy, "the proxy's name")->required();
    return added;
  }

  void add_create() {
    auto& create =
        with_proxy(command(ctl_, "create", "create a proxy", CtlAction::kCreate, {"c", "new"}));
    create.add_option("-l,--listen", options_.listen, "HOST:PORT for clients; port 0 is any");
    create.add_option("-u,--upstream", options_.upstream, "HOST:PORT to dial")->required();
    create.add_flag("--close-both-ways", options_.close_both_ways,
                    "one side's FIN ends both, as with Toxiproxy; else it is passed on alone");
    create.footer(kCreateExamples);
  }

  void add_fault_commands(CLI::App& parent, bool is_toxic) {
    auto& add =
        with_proxy(command(parent, "add", "add a fault to a proxy", CtlAction::kAdd, {"a"}));
    add.add_option("-t,--type", options_.type,
                   "latency, nat, blackhole, ...: see fault-proxy faults")
        ->required();
    add_fault_options(add, false);
    add.add_flag("-u,--upstream", options_.to_upstream, "what clients send; with -d, both ways");
    add.add_flag("-d,--downstream", options_.to_downstream, "what the upstream sends (default)");
    add.footer(kAddExamples);
    auto& update =
        with_proxy(command(parent, "update", "change a fault", CtlAction::kUpdate, {"u"}));
    add_fault_options(update, true);
    update.footer(kUpdateExamples);
    auto& remove =
        with_proxy(command(parent, "remove", "remove a fault", CtlAction::kRemove, {"r"}));
    if (is_toxic) remove.alias("delete")->alias("d");
    remove.add_option("-n,--name,--toxicName", options_.fault, "the fault's name")->required();
    remove.footer(kRemoveExamples);
  }

  void add_fault_options(CLI::App& added, bool needs_name) {
    auto* name = added.add_option("-n,--name,--toxicName", options_.fault, "the fault's name");
    if (needs_name) name->required();
    added.add_option("--toxicity,--tox", options_.toxicity, "share of connections, 0 to 1");
    added.add_option("-a,--attribute", options_.attributes, "KEY=VALUE, as often as needed")
        ->allow_extra_args(false);
  }

  void add_connection_commands() {
    auto& connections = command(ctl_, "connections", "connections, with the kernel's view of them",
                                CtlAction::kConnections, {"conns"});
    connections.add_option("PROXY", options_.proxy, "of one proxy; else of all");
    auto& kill = with_proxy(command(ctl_, "kill", "end connections", CtlAction::kKill, {}));
    auto* id = kill.add_option("CONNECTION", options_.connection, "its number (see connections)");
    kill.add_flag("--all", options_.all_connections, "every one of the proxy")->excludes(id);
    kill.add_option("--how", options_.how, "rst, fin or vanish")
        ->capture_default_str()
        ->check(CLI::IsMember({"rst", "fin", "vanish"}));
    kill.footer(kKillExamples);
    auto& tail = command(ctl_, "tail", "events as they happen; in a pipe, as JSON lines",
                         CtlAction::kTail, {});
    tail.add_option("PROXY", options_.proxy, "of one proxy; else all");
    tail.footer(kTailExamples);
  }

  CLI::App& ctl_;
  Parsed& parsed_;
  CtlOptions& options_;
};

// The deepest command that was named: what is unknown was meant for it.
const CLI::App& deepest(const CLI::App& app) {
  const auto named = app.get_subcommands();
  return named.empty() ? app : deepest(*named.front());
}

std::vector<std::string> known_words(const CLI::App& app, bool options) {
  std::vector<std::string> words;
  if (options) {
    for (const CLI::App* owner = &app; owner != nullptr; owner = owner->get_parent()) {
      for (const CLI::Option* option : owner->get_options()) {
        for (const std::string& name : option->get_lnames())
          words.push_back("--" + name);
      }
    }
  } else {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
      words.push_back(command->get_name());
  }
  return words;
}

// One line: what is wrong, the nearest word, and where to read on.
int explain(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = deepest(app);
  std::string text = error.what();
  const auto unknown = app.remaining(true);
  const auto words = known_words(command, false);
  if (unknown.empty() && !words.empty() && dynamic_cast<const CLI::RequiredError*>(&error)) {
    text = "expected one of";
    for (const std::string& word : words)
      text += " " + word;
  }
  if (!unknown.empty()) {
    const std::string word = unknown.front().substr(0, unknown.front().find('='));
    const bool is_option = word.starts_with('-');
    const auto known = known_words(command, is_option);
    text = std::string(is_option ? "unknown option " : "unknown word ") + word;
    if (const auto near = near_name(word, known); !near.empty()) {
      text += ", did you mean \"" + near + "\"?";
    }
  }
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::string help = "fault-proxy";
  for (const CLI::App* owner = &command; owner->get_parent() != nullptr;
       owner = owner->get_parent()) {
    help.insert(std::string("fault-proxy").size(), " " + owner->get_name());
  }
  return fail(kExitBadInput, text + " (see " + help + " --help)");
}

}  // namespace

std::variant<Command, int> parse_command_line(int argc, const char* const* argv) {
  Parsed parsed;
  CLI::App app{
      "A TCP proxy that behaves like a NAT, a black hole or a restarting peer, with Toxiproxy's "
      "API.",
      "fault-proxy"};
  app.footer(kExamples);
  app.set_version_flag("--version", "fault-proxy " HALFOPEN_VERSION);
  add_serve_options(app, parsed);
  auto* serve = app.add_subcommand("serve", "serve the control API (what it does without a word)");
  serve->fallthrough();
  auto* profiles = app.add_subcommand("profiles", "idle timeouts of known NATs and firewalls");
  profiles->add_flag("--json", parsed.profiles.json, "as JSON");
  profiles->callback([&parsed] { parsed.is_profiles = true; });
  profiles->footer("");
  add_faults_command(app, parsed);
  CtlParser ctl{*app.add_subcommand("ctl", "drive a fault-proxy or a Toxiproxy that runs"), parsed};
  ctl.add_all();
  app.require_subcommand(0, 1);
  auto arguments = with_two_dashes(argc, argv);
  std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
  try {
    app.parse(arguments);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    return explain(app, error);
  }
  if (parsed.is_profiles) return Command{parsed.profiles};
  if (parsed.is_faults) return Command{parsed.faults};
  if (parsed.is_ctl) return Command{parsed.ctl};
  if (parsed.log_format == "json") parsed.serve.log_format = LogFormat::kJson;
  return Command{parsed.serve};
}

}  // namespace halfopen
