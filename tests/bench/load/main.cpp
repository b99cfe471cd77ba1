// proxy_load: the load generators of ci/bench, one subcommand each.
// tests/bench/load/README.md says what each measures.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "tests/bench/load/commands.hpp"
#include "tests/bench/load/sockets.hpp"

namespace halfopen::load {
namespace {

constexpr int kExitBadInput = 64;

[[noreturn]] void refuse(const std::string& text) {
  std::fprintf(stderr, "proxy_load: %s\n", text.c_str());
  std::exit(kExitBadInput);
}

int run(const std::vector<std::string>& words) {
  const std::map<std::string, int (*)(const Options&)> commands{{"throughput", run_throughput},
                                                                {"pingpong", run_ping_pong},
                                                                {"connect", run_connects},
                                                                {"hold", run_hold},
                                                                {"nat", run_nat},
                                                                {"votes", run_votes},
                                                                {"delayer", run_delayer}};
  std::string known;
  for (const auto& [name, ignored] : commands)
    known += (known.empty() ? "" : ", ") + name;
  const auto found = words.empty() ? commands.end() : commands.find(words.front());
  if (found == commands.end()) refuse("expected a load: one of " + known);
  return found->second(Options{{words.begin() + 1, words.end()}});
}

}  // namespace

Options::Options(const std::vector<std::string>& arguments) {
  for (std::size_t i = 0; i < arguments.size(); i += 2) {
    const std::string& key = arguments[i];
    if (!key.starts_with("--") || i + 1 == arguments.size()) {
      refuse("expected --key NUMBER, got \"" + key + "\"");
    }
    char* end = nullptr;
    const std::int64_t value = std::strtoll(arguments[i + 1].c_str(), &end, 10);
    if (*end != '\0' || end == arguments[i + 1].c_str()) {
      refuse(key + ": expected a whole number, got \"" + arguments[i + 1] + "\"");
    }
    values_[key.substr(2)] = value;
  }
}

std::int64_t Options::need(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) refuse("--" + key + " is missing");
  return found->second;
}

std::int64_t Options::get(const std::string& key, std::int64_t fallback) const {
  const auto found = values_.find(key);
  return found == values_.end() ? fallback : found->second;
}

std::uint16_t Options::port(const std::string& key) const {
  return static_cast<std::uint16_t>(need(key));
}

std::int64_t percentile(std::vector<std::int64_t>& sample, double share) {
  if (sample.empty()) return 0;
  std::sort(sample.begin(), sample.end());
  const auto rank = std::ceil(share * static_cast<double>(sample.size()));
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return sample[std::min(index, sample.size() - 1)];
}

std::string summary(std::vector<std::int64_t> sample, double unit_ns) {
  std::ostringstream text;
  const auto put = [&](const char* name, double share) {
    text << '"' << name << "\": " << static_cast<double>(percentile(sample, share)) / unit_ns
         << ", ";
  };
  put("min", 0);
  put("p50", 0.5);
  put("p99", 0.99);
  put("p999", 0.999);
  put("max", 1);
  text << "\"count\": " << sample.size();
  return text.str();
}

}  // namespace halfopen::load

int main(int argc, char** argv) {
  return halfopen::load::run({argv + 1, argv + argc});
}
