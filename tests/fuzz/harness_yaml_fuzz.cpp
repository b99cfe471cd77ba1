// libFuzzer target: bytes as a scenario file. Planning must end, with runs or with one line; what
// `fmt` makes of it says the same and is left alone by a second `fmt`.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "harness/model/document.hpp"
#include "harness/model/plan.hpp"
#include "harness/model/plan_summary.hpp"
#include "harness/model/scenario_format.hpp"
#include "harness/model/shape_check.hpp"
#include "harness/model/shape_parts.hpp"

namespace {

void check(bool good) {
  if (!good) std::abort();
}

bool is_one_line(const halfopen::Problem& problem) {
  return !problem.text.empty() && problem.text.find('\n') == std::string::npos;
}

void check_format(const std::string& text, const halfopen::Document& document) {
  const auto once = halfopen::format_scenario(text, "f");
  check(once.has_value());
  const auto again = halfopen::parse_yaml(*once, "f");
  check(again.has_value() && halfopen::says_the_same(document, *again));
  check(*halfopen::format_scenario(*once, "f") == *once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto document = halfopen::parse_yaml(text, "f");
  if (document.has_error()) {
    check(is_one_line(document.error()));
    return 0;
  }
  check_format(text, *document);
  const auto shaped = halfopen::check_shape(*document, halfopen::file_shape(), "the file");
  check(shaped.has_value() || is_one_line(shaped.error()));
  const auto plan = halfopen::plan_scenario(*document, {});
  if (plan.has_error()) {
    check(is_one_line(plan.error()));
  } else {
    check(halfopen::summary_of(*plan).longest >= halfopen::Duration{});
  }
  return 0;
}
