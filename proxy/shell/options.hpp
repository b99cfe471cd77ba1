// What the command line asks for: to serve, to drive a server that runs, or to list profiles or
// faults.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "proxy/shell/log.hpp"

namespace halfopen {

struct ServeOptions {
  std::string control = "127.0.0.1:8474";
  std::string host;  // Toxiproxy's two halves of the same; empty and 0 where not given
  std::uint16_t port = 0;
  std::string token;
  std::string token_file;
  std::string events;
  std::string config;
  bool check_config = false;
  std::uint32_t mark = 0x68616c66;  // "half"
  std::uint64_t seed = 1;
  std::size_t connections_max = 0;  // what the descriptors allow
  LogFormat log_format = LogFormat::kText;
};

enum class CtlAction : std::uint8_t {
  kList,
  kInspect,
  kCreate,
  kDelete,
  kToggle,
  kAdd,
  kUpdate,
  kRemove,
  kConnections,
  kKill,
  kTail,
  kReset,
};

struct CtlOptions {
  CtlAction action = CtlAction::kList;
  std::string url = "http://localhost:8474";
  std::string token;
  std::string token_file;
  std::string proxy;
  std::string listen;
  std::string upstream;
  bool close_both_ways = false;
  std::string type;
  std::string fault;  // its name
  std::vector<std::string> attributes;
  std::optional<double> toxicity;
  bool to_upstream = false;
  bool to_downstream = false;
  std::string connection;
  bool all_connections = false;
  std::string how = "rst";
};

struct ProfilesOptions {
  bool json = false;
};

struct FaultsOptions {
  std::string type;  // empty: all
};

using Command = std::variant<ServeOptions, CtlOptions, ProfilesOptions, FaultsOptions>;

// The command, or the exit code where everything has been said: help, the version, or one line
// about what is wrong.
[[nodiscard]] std::variant<Command, int> parse_command_line(int argc, const char* const* argv);

}  // namespace halfopen
