#include "harness/shell/kept_lab.hpp"

#include <unistd.h>

#include <boost/json/array.hpp>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <utility>

namespace halfopen {
namespace {

namespace json = boost::json;

constexpr std::size_t kNameWidth = 14;

// Joining one's own user namespace is an error (setns(2)), and root's runs have none of their own.
bool has_own_user_namespace(int pid) {
  std::error_code error;
  const auto theirs =
      std::filesystem::read_symlink("/proc/" + std::to_string(pid) + "/ns/user", error);
  const auto ours = std::filesystem::read_symlink("/proc/self/ns/user", error);
  return theirs != ours;
}

std::vector<std::string> enter_arguments(const KeptLab& lab) {
  std::vector<std::string> arguments{"--target", std::to_string(lab.pid), "--net", "--pid",
                                     "--mount"};
  if (has_own_user_namespace(lab.pid)) {
    arguments.insert(arguments.end(), {"--user", "--preserve-credentials"});
  }
  return arguments;
}

std::string shell_of_user() {
  const char* shell = std::getenv("SHELL");
  return shell != nullptr && ::access(shell, X_OK) == 0 ? shell : "/bin/sh";
}

std::string padded(std::string text) {
  text.resize(std::max(text.size() + 1, kNameWidth), ' ');
  return text;
}

}  // namespace

json::object to_json(const KeptLab& lab) {
  json::array processes;
  for (const KeptProcess& process : lab.processes) {
    processes.push_back(json::object{{"name", process.name},
                                     {"pid", process.pid},
                                     {"http", process.http},
                                     {"has_own_network", process.has_own_network}});
  }
  return {{"type", "kept"}, {"result", to_json(lab.result)}, {"processes", std::move(processes)}};
}

Result<KeptLab> kept_lab_from_json(const json::object& object) {
  try {
    KeptLab lab;
    HALFOPEN_TRY(result, run_result_from_json(object.at("result").as_object()));
    lab.result = std::move(result);
    for (const json::value& item : object.at("processes").as_array()) {
      const json::object& process = item.as_object();
      lab.processes.push_back(
          {std::string(process.at("name").as_string()), process.at("pid").to_number<int>(),
           std::string(process.at("http").as_string()), process.at("has_own_network").as_bool()});
    }
    return lab;
  } catch (const std::exception& error) {
    return Problem{"a worker sent an unreadable line: ", error.what()};
  }
}

int first_child_of(int worker) {
  const std::string pid = std::to_string(worker);
  std::ifstream file("/proc/" + pid + "/task/" + pid + "/children");
  int child = 0;
  file >> child;
  return child;
}

std::string kept_lab_text(const KeptLab& lab, const std::string& directory) {
  std::string text =
      "The lab is up, as the last step left it. Logs and events: " + directory + "\n";
  for (const KeptProcess& process : lab.processes) {
    text += "  " + padded(process.name) + "pid " + std::to_string(process.pid);
    if (!process.http.empty()) text += ", curl http://" + process.http + "/metrics";
    if (process.has_own_network) {
      text += ", in a network of its own: nsenter -n -t " + std::to_string(process.pid);
    }
    text += "\n";
  }
  text += "From another terminal: nsenter";
  for (const std::string& argument : enter_arguments(lab))
    text += " " + argument;
  return text + " " + shell_of_user() + "\n";
}

std::unique_ptr<Process> open_lab_shell(boost::asio::io_context& context, const KeptLab& lab,
                                        const std::string& directory,
                                        std::function<void(const std::string& trouble)> on_end) {
  const auto nsenter = find_executable("nsenter");
  LaunchSettings settings;
  if (nsenter.has_value()) settings.executable = *nsenter;
  settings.arguments = enter_arguments(lab);
  settings.arguments.push_back("--wd=" + directory);
  settings.arguments.push_back(shell_of_user());
  settings.directory = directory;
  settings.on_terminal = true;
  settings.network_admin = true;
  auto shell = nsenter.has_error()
                   ? Result<std::unique_ptr<Process>>(nsenter.error())
                   : Process::launch(context, settings, [on_end](ProcessExit) { on_end(""); });
  if (shell.has_value()) return std::move(*shell);
  on_end("no shell: " + shell.error().text);
  return nullptr;
}

}  // namespace halfopen
