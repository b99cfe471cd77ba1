// Whatever a client sends: requests or a refusal, the same however the bytes are cut into reads.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "metrics/http_conversation.hpp"

namespace {

using halfopen::HttpConversation;

std::string converse(std::string_view bytes, std::size_t size) {
  HttpConversation conversation;
  std::string seen;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    conversation.handle_bytes(bytes.substr(at, size));
    while (auto request = conversation.next_request()) {
      if (request->body.size() > HttpConversation::kBodyBytesMax) std::abort();
      seen += request->method + " " + request->path + "?" + request->query + "\n" + request->body;
      if (request->path == "/events") {
        conversation.begin_stream({200, "text/event-stream", "data: 1\n\n"});
        conversation.stream("data: 2\n\n");
        conversation.end_stream();
      } else {
        conversation.respond({request->body.empty() ? 204U : 200U, "text/plain", request->body});
      }
    }
    if (conversation.next_request() || conversation.is_streaming()) std::abort();
  }
  conversation.handle_end();
  if (!conversation.is_over()) std::abort();
  // "Go on" is said to who waits with the body, which depends on how it was cut.
  constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
  std::string output(conversation.output());
  for (auto at = output.find(kGoOn); at != std::string::npos; at = output.find(kGoOn)) {
    output.erase(at, kGoOn.size());
  }
  return seen + output;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  const std::string slowly = converse(bytes, 1);
  const std::string at_once = converse(bytes, 4096);
  // A header that cannot become a good one is refused before its end where that came in one piece.
  if (!at_once.starts_with(slowly)) std::abort();
  return 0;
}
