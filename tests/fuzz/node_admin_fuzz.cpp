// Whatever a client sends to the admin API: a question that is understood and within its bounds, or
// an explanation of one line; the same however the bytes are cut into reads.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "metrics/http_conversation.hpp"
#include "node/core/names.hpp"
#include "node/shell/admin_request.hpp"

namespace {

using namespace halfopen;        // NOLINT(google-build-using-namespace)
using namespace halfopen::node;  // NOLINT(google-build-using-namespace)

void require(bool condition) {
  if (!condition) std::abort();
}

void check(const AdminRequest& question) {
  if (const auto* votes = std::get_if<ask::Votes>(&question)) {
    require(votes->page.limit >= 1 && votes->page.limit <= kPageVotesMax);
  } else if (const auto* tally = std::get_if<ask::Tally>(&question)) {
    require(tally->page.limit >= 1 && tally->page.limit <= kPageHeightsMax);
  } else if (const auto* history = std::get_if<ask::History>(&question)) {
    require(is_name(history->peer));
  } else if (const auto* cast = std::get_if<ask::Cast>(&question)) {
    require(cast->request.kind == VoteKind::kPrevote || cast->request.kind == VoteKind::kPrecommit);
  }
}

std::string converse(std::string_view bytes, std::size_t size) {
  HttpConversation conversation;
  std::string seen;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    conversation.handle_bytes(bytes.substr(at, size));
    while (const auto request = conversation.next_request()) {
      const auto parsed = parse_admin_request(*request);
      if (const auto* refusal = std::get_if<HttpResponse>(&parsed)) {
        require(refusal->status >= 400 && refusal->status < 500);
        // JSON has escaped whatever the client wrote, so it is one line.
        require(refusal->body.find('\n') == refusal->body.size() - 1);
        conversation.respond(*refusal);
        seen += refusal->body;
      } else {
        const auto& question = std::get<AdminRequest>(parsed);
        check(question);
        conversation.respond({200, "text/plain", "yes"});
        seen += std::to_string(question.index());
      }
    }
  }
  return seen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(data, data + size);
  const std::string at_once = converse(bytes, 4096);
  require(at_once.starts_with(converse(bytes, 1)));
  return 0;
}
