// libFuzzer target: bytes as a scraped page. It is taken whole or refused in one line, and what was
// taken comes out again: written as OpenMetrics, every sample of it is a line of its own.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "harness/model/open_metrics.hpp"
#include "harness/model/series.hpp"

namespace {

void check(bool good) {
  if (!good) std::abort();
}

// A line of the text without its time, which is the last word.
std::string without_time(std::string_view line) {
  const std::size_t space = line.rfind(' ');
  check(space != std::string_view::npos);
  return std::string(line.substr(0, space)) + "\n";
}

void check_lines(std::string_view text, const halfopen::SeriesStore& store) {
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    check(end != std::string_view::npos);
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.starts_with('#')) continue;
    const auto again = halfopen::parse_exposition(without_time(line));
    check(again.has_value() && again->size() == 1);
    const auto* series = store.find(again->front().name);
    check(series != nullptr && series->contains(again->front().labels));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto page = halfopen::parse_exposition(std::string(data, data + size));
  if (page.has_error()) {
    const std::string& text = page.error().text;
    check(!text.empty() && text.find('\n') == std::string::npos);
    return 0;
  }
  halfopen::SeriesStore store;
  const auto at = halfopen::Instant::from_nanoseconds(1'000'000'000);
  for (const auto& sample : *page)
    check(store.append(sample.name, sample.labels, {at, sample.value}));
  check_lines(halfopen::open_metrics_text(store, {}), store);
  return 0;
}
