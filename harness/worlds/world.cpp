#include "harness/worlds/world.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "harness/worlds/kernel_world.hpp"
#include "harness/worlds/proxy_world.hpp"

namespace halfopen {

std::string black_hole_rules() {
  return "table inet halfopen {\n"
         "  chain output {\n"
         "    type filter hook output priority 0; policy accept;\n"
         "    meta mark " +
         std::to_string(kBlackHoleMark) +
         " counter drop\n"
         "  }\n"
         "}\n";
}

std::string_view to_text(WorldKind kind) {
  switch (kind) {
    case WorldKind::kProxy:
      return "proxy";
    case WorldKind::kKernel:
      return "kernel";
  }
  HALFOPEN_ASSERT(false);
}

Result<void> check_kind(WorldKind kind, const Scenario& scenario) {
  const auto& worlds = scenario.worlds;
  if (worlds.empty() || std::find(worlds.begin(), worlds.end(), to_text(kind)) != worlds.end()) {
    return {};
  }
  return Problem{"the scenario needs the ",      worlds.front(),
                 " world, and this is the ",     to_text(kind),
                 " world; run it with --world ", worlds.front()};
}

std::unique_ptr<World> make_world(WorldKind kind, const Scenario& scenario) {
  if (kind == WorldKind::kKernel) return std::make_unique<KernelWorld>(scenario);
  return std::make_unique<ProxyWorld>(scenario);
}

std::vector<std::string> replace_words(std::vector<std::string> texts,
                                       const std::map<std::string, std::string>& words) {
  for (std::string& text : texts) {
    for (const auto& [word, value] : words) {
      for (std::size_t at = text.find(word); at != std::string::npos;
           at = text.find(word, at + value.size())) {
        text.replace(at, word.size(), value);
      }
    }
  }
  return texts;
}

}  // namespace halfopen
