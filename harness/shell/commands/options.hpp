// Options that several subcommands share.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/worlds/world.hpp"

namespace CLI {
class App;
}

namespace halfopen {

// --world proxy|kernel
void add_world(CLI::App* command, WorldKind& world);

// --var NAME=VALUE, repeatable; `texts` are to be read with variables_of after parsing.
void add_variables(CLI::App* command, std::vector<std::string>& texts);
[[nodiscard]] std::map<std::string, std::string> variables_of(
    const std::vector<std::string>& texts);

// FILE...: scenario files, or folders of them; required.
void add_scenario_files(CLI::App* command, std::vector<std::string>& files);

inline constexpr const char* kRunStatus =
    "Exit status:\n"
    "  0    every scenario passed\n"
    "  1    one failed: an expectation, or a control that passed and so proves nothing\n"
    "  2    inconclusive: a fault could not be produced, a privilege was missing, the machine "
    "stalled\n"
    "  64   bad input: a file, an option\n"
    "  70   a bug of ours, or standard output could not be written\n"
    "  130  interrupted: Ctrl-C or SIGTERM";

}  // namespace halfopen
