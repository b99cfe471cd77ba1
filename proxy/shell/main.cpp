// fault-proxy: serves, drives a server that runs, or lists profiles or faults.
#include <exception>
#include <string>

#include "proxy/shell/ctl.hpp"
#include "proxy/shell/exit_codes.hpp"
#include "proxy/shell/fault_list.hpp"
#include "proxy/shell/options.hpp"
#include "proxy/shell/profile_list.hpp"
#include "proxy/shell/serve.hpp"

namespace halfopen {

namespace {

struct CarryOut {
  int operator()(const ServeOptions& options) const { return serve(options); }
  int operator()(const CtlOptions& options) const { return control(options); }
  int operator()(const ProfilesOptions& options) const { return list_profiles(options.json); }
  int operator()(const FaultsOptions& options) const { return list_faults(options.type); }
};

int run(int argc, char** argv) {
  auto parsed = parse_command_line(argc, argv);
  if (const int* code = std::get_if<int>(&parsed)) return *code;
  return std::visit(CarryOut{}, std::get<Command>(parsed));
}

}  // namespace
}  // namespace halfopen

int main(int argc, char** argv) {
  try {
    return halfopen::run(argc, argv);
  } catch (const std::exception& error) {
    return halfopen::fail(halfopen::kExitInternal, std::string("internal error: ") + error.what());
  }
}
