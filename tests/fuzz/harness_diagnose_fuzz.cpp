// libFuzzer target: any bytes as a log, as ss's output, as errnos. The answer is text without
// control characters, excluded causes are never likely, and what would decide is always said.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "harness/model/triage/triage_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto errnos = halfopen::read_errnos(text);
  if (errnos.has_value()) static_cast<void>(halfopen::triage(*errnos));
  const halfopen::Triage answer = halfopen::triage(halfopen::read_excerpt(text));
  if (answer.conclusion.empty() || answer.to_decide.empty()) std::abort();
  for (const char c : halfopen::triage_text(answer)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == 0x7f || (byte < 0x20 && c != '\n')) std::abort();
  }
  static_cast<void>(halfopen::to_json(answer));
  return 0;
}
