// `halfopen run`
#include <CLI/CLI.hpp>

#include "base/duration_text.hpp"
#include "harness/shell/commands/command.hpp"
#include "harness/shell/commands/options.hpp"
#include "harness/shell/coordinator.hpp"

namespace halfopen {
namespace {

// Else -1 would be a very large number.
std::string check_whole_number(const std::string& text) {
  constexpr std::size_t kDigitsMax = 18;
  const bool is_one = !text.empty() && text.size() <= kDigitsMax &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  return is_one ? "" : "expected a whole number such as 42, not \"" + text + "\"";
}

class RunCommand : public Command {
 public:
  explicit RunCommand(CLI::App& app) {
    command_ = app.add_subcommand("run", "Run scenarios and judge them");
    command_->footer(kRunStatus);
    add_scenario_files(command_, settings_.files);
    add_variables(command_, variable_texts_);
    add_selection();
    add_pace();
    command_->add_option("--junit", settings_.junit_path, "Also write JUnit XML to this file")
        ->type_name("FILE");
    command_->add_option("--json", settings_.json_path, "Also write every result to this file")
        ->type_name("FILE");
    command_
        ->add_option("--out", settings_.directory,
                     "Where logs, events and configurations go (default: halfopen-runs/...)")
        ->type_name("DIR");
    add_world(command_, settings_.world);
    command_
        ->add_option("--pcap", settings_.captures,
                     "Also capture every link into this folder: RUN/LINK.pcap and its events; "
                     "RUN must not be there yet")
        ->type_name("DIR");
    command_->add_flag("--keep", settings_.keep,
                       "Leave the lab of one run up after its verdict, with a shell in it");
  }

  int run(const std::string& program) override {
    settings_.program = program;
    settings_.variables = variables_of(variable_texts_);
    return run_scenarios(settings_);
  }

 private:
  void add_selection() {
    command_
        ->add_option("--filter", settings_.selection.filters,
                     "Only the scenarios or runs of this name; \"*\" and \"?\" stand for any "
                     "letters (repeatable)")
        ->allow_extra_args(false)
        ->type_name("NAME");
    command_
        ->add_option("--run", settings_.selection.runs,
                     "Exactly the run of this id, or one repetition of it: NAME#2 (repeatable)")
        ->type_name("ID")
        ->allow_extra_args(false);
    command_
        ->add_option("--tags", settings_.selection.tags,
                     "Only scenarios with one of these tags, and none that is given as !TAG")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("TAG");
  }

  void add_pace() {
    command_
        ->add_option("--seed", settings_.seed,
                     "Of every drawn number: the same seed draws the same (default: drawn, "
                     "and told at the end)")
        ->check(check_whole_number)
        ->type_name("NUMBER");
    command_
        ->add_option("--repeat", settings_.repeat,
                     "Play every run so often, and tell which changed their verdict")
        ->check(CLI::Range(1U, 10'000U))
        ->type_name("NUMBER");
    command_->add_flag("--fail-fast", settings_.fail_fast,
                       "Start nothing more after the first failure");
    command_
        ->add_option_function<std::string>(
            "--time-budget",
            [this](const std::string& text) {
              const auto budget = parse_duration(text);
              if (budget.has_error())
                throw CLI::ValidationError("--time-budget", budget.error().text);
              settings_.time_budget = *budget;
            },
            "Start nothing that would end later than this, such as 90s; what is not run is "
            "inconclusive")
        ->type_name("DURATION");
    command_
        ->add_option("--jobs", settings_.jobs,
                     "How many units of cost run side by side (default: 16 a core)")
        ->check(CLI::Range(1U, 1000U))
        ->type_name("NUMBER");
  }

  RunSettings settings_;
  std::vector<std::string> variable_texts_;
};

}  // namespace

std::unique_ptr<Command> make_run_command(CLI::App& app) {
  return std::make_unique<RunCommand>(app);
}

}  // namespace halfopen
