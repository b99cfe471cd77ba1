// proxy_soak: the traffic of ci/soak proxy. It keeps connections open through the given ports and
// checks every byte of them, until a line on its standard input says to finish. Then what is open
// must end within --patience-s seconds, and the counts are printed as one line of JSON.
//
//   proxy_soak CONNECTIONS SEED PATIENCE_S UPSTREAM:GROUP... -- PORT:GROUP...
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/soak/far_end.hpp"
#include "tests/soak/near_end.hpp"

namespace halfopen::soak {
namespace {

constexpr int kFixedWords = 3;

[[noreturn]] void refuse() {
  std::fprintf(stderr,
               "proxy_soak: expected CONNECTIONS SEED PATIENCE_S UPSTREAM:GROUP... -- "
               "PORT:GROUP..., a GROUP is exact, lossy or corrupt\n");
  std::exit(64);
}

Target parse_target(const std::string& word) {
  const auto colon = word.find(':');
  if (colon == std::string::npos) refuse();
  const auto port = static_cast<std::uint16_t>(std::strtoul(word.c_str(), nullptr, 10));
  for (const Group group : {Group::kExact, Group::kLossy, Group::kCorrupt}) {
    if (word.substr(colon + 1) == to_text(group)) return {port, group};
  }
  refuse();
}

void tell(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

int run(const std::vector<std::string>& words) {
  if (words.size() < kFixedWords) refuse();
  load::Epoll epoll;
  Report report;
  FarEnd far_end{epoll, report};
  std::vector<Target> targets;
  bool are_targets = false;
  for (std::size_t i = kFixedWords; i < words.size(); ++i) {
    if (words[i] == "--") {
      are_targets = true;
    } else if (const Target parsed = parse_target(words[i]); are_targets) {
      targets.push_back(parsed);
    } else {
      far_end.listen(parsed.port, parsed.group);
    }
  }
  if (targets.empty()) refuse();
  NearEnd near_end{epoll, report, targets, std::stoul(words[0]), std::stoull(words[1])};
  const std::int64_t patience_ns = std::stoll(words[2]) * load::kSecondNs;

  Descriptor input{STDIN_FILENO};
  constexpr std::uint64_t kInputTag = 0;
  epoll.add(input, EPOLLIN, kInputTag);
  bool told_full = false;
  std::int64_t give_up_ns = -1;
  while (give_up_ns < 0 || (near_end.open() + far_end.open() > 0 && load::now_ns() < give_up_ns)) {
    const std::int64_t due = near_end.handle_time(load::now_ns());
    if (!told_full && near_end.is_full()) {
      told_full = true;
      tell("{\"full\": true}");
    }
    for (const epoll_event& event : epoll.wait(due)) {
      if (event.data.u64 == kInputTag) {
        input = Descriptor{};
        give_up_ns = load::now_ns() + patience_ns;
        near_end.finish(load::now_ns());
        far_end.probe_all();
      } else if ((event.data.u64 & FarEnd::kTagBit) != 0) {
        far_end.handle(event);
      } else {
        near_end.handle(event);
      }
    }
  }
  near_end.complain_of_all();
  if (far_end.open() > 0) {
    report.fail(std::to_string(far_end.open()) + " connections are stuck at the far end");
  }
  tell(report.json());
  return 0;
}

}  // namespace
}  // namespace halfopen::soak

int main(int argc, char** argv) {
  return halfopen::soak::run({argv + 1, argv + argc});
}
