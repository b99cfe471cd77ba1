// `halfopen advise`
#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>
#include <cstdio>

#include "base/duration_text.hpp"
#include "harness/model/advice/advice_text.hpp"
#include "harness/shell/commands/command.hpp"
#include "harness/shell/exit_code.hpp"
#include "harness/shell/loaded_plan.hpp"

namespace halfopen {
namespace {

constexpr const char* kAdviseHelp =
    "Answers which numbers to set for connections over a path: keep-alive, user timeout, ping,\n"
    "acknowledgements, dialling, each with its reason, for vote-node and for other programs.\n"
    "Try: halfopen advise --profile aws-nlb --profile nginx-stream --detect-within 10s\n"
    "     halfopen advise --idle-timeout 60s --detect-within 20s   # a box without a profile\n"
    "     halfopen profiles lists the names\n"
    "Exit status:\n"
    "  0    advised\n"
    "  64   bad input: a profile, a file, an option\n"
    "  70   a bug of ours, or standard output could not be written";

int complain(const std::string& text) {
  std::fprintf(stderr, "%s\n", text.c_str());
  return kExitBadInput;
}

// "aws-nlb=60s": a profile's numbers are its own, and another box's have an option.
std::string why_unknown(const std::string& name, const std::string& why) {
  const std::size_t at = name.find_first_of("=:");
  if (at == std::string::npos || find_profile(name.substr(0, at)).has_error()) {
    return why + "; for a box without a profile give --idle-timeout 60s";
  }
  return "\"" + name + "\": a profile has its own numbers; for a box with another one give " +
         "--idle-timeout " + name.substr(at + 1) + " instead";
}

class AdviseCommand : public Command {
 public:
  explicit AdviseCommand(CLI::App& app) {
    command_ = app.add_subcommand(
        "advise", "Say what to set for a path: keep-alive, user timeout, ping, backoff");
    command_->footer(kAdviseHelp);
    command_
        ->add_option("--profile", names_,
                     "A middlebox of the path (repeatable; the strictest one decides)")
        ->allow_extra_args(false);
    command_
        ->add_option("--idle-timeout", timeouts_,
                     "... without a profile, by its idle timeout (repeatable): 60s")
        ->allow_extra_args(false);
    command_->add_option("--file", file_, "A scenario, whose links' nats are the path");
    command_->add_option("--detect-within", within_,
                         "How soon a death is to be found (default: 30s)");
    command_->add_flag("--json", as_json_, "Print JSON");
  }

  int run(const std::string& /*program*/) override {
    std::vector<PathBox> path;
    for (const std::string& name : names_) {
      const auto profile = find_profile(name);
      if (profile.has_error())
        return complain("--profile: " + why_unknown(name, profile.error().text));
      path.push_back(path_box(**profile));
    }
    for (const std::string& text : timeouts_) {
      const auto timeout = parse_duration(text);
      if (timeout.has_error()) return complain("--idle-timeout: " + timeout.error().text);
      path.push_back(path_box(*timeout));
    }
    if (!file_.empty()) {
      const LoadedPlans loaded = load_plans({file_}, {});
      if (!loaded.problems.empty()) return complain(loaded.problems.front().text);
      for (const LoadedPlan& plan : loaded.plans) {
        for (PathBox& box : path_boxes(plan.plan.runs.front().scenario))
          path.push_back(std::move(box));
      }
    }
    if (names_.empty() && timeouts_.empty() && file_.empty()) {
      return complain(
          "halfopen advise: name the path: --profile NAME (halfopen profiles lists them), "
          "--idle-timeout 60s or --file SCENARIO");
    }
    const auto within = parse_duration(within_);
    if (within.has_error()) return complain("--detect-within: " + within.error().text);
    const auto advice = advise(std::move(path), *within);
    if (advice.has_error()) return complain("halfopen advise: " + advice.error().text);
    const std::string text =
        as_json_ ? boost::json::serialize(to_json(*advice)) + "\n" : advice_text(*advice);
    std::fputs(text.c_str(), stdout);
    return after_output(kExitPass);
  }

 private:
  std::vector<std::string> names_;
  std::vector<std::string> timeouts_;
  std::string file_;
  std::string within_ = "30s";
  bool as_json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_advise_command(CLI::App& app) {
  return std::make_unique<AdviseCommand>(app);
}

}  // namespace halfopen
