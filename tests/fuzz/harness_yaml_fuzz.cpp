// libFuzzer target: bytes as a scenario file. Planning must end, with runs or with one line.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "harness/model/document.hpp"
#include "harness/model/plan.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto document = halfopen::parse_yaml(text, "f");
  if (document.has_error()) {
    if (document.error().text.find('\n') != std::string::npos) std::abort();
    return 0;
  }
  const auto plan = halfopen::plan_scenario(*document, {});
  if (plan.has_error() && plan.error().text.find('\n') != std::string::npos) std::abort();
  return 0;
}
