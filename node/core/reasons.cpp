#include "node/core/reasons.hpp"

#include <array>
#include <cerrno>

namespace halfopen::node {
namespace {

struct Row {
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array kRows{
#define HALFOPEN_REASON(identifier, name, sentence) Row{name, sentence},
#include "node/core/reasons.inc"
#undef HALFOPEN_REASON
};

}  // namespace

std::string_view name_of(Reason reason) {
  return kRows.at(static_cast<std::size_t>(reason)).name;
}

std::string_view sentence_of(Reason reason) {
  return kRows.at(static_cast<std::size_t>(reason)).sentence;
}

Reason reason_of_failure(const SocketFacts& facts, bool user_timeout_enabled) {
  switch (facts.error) {
    case ECONNRESET:
      return Reason::kReset;
    case EPIPE:
      return Reason::kBrokenPipe;
    case ETIMEDOUT:
      // Keep-alive probes are sent only while nothing is unacknowledged.
      if (facts.unacked_bytes == 0) return Reason::kKeepaliveTimeout;
      return user_timeout_enabled ? Reason::kUserTimeout : Reason::kRetransmissionTimeout;
    case ECONNABORTED:
      return Reason::kAborted;
    case EHOSTUNREACH:
    case ENETUNREACH:
      return Reason::kUnreachable;
    case ENOBUFS:
      return Reason::kOverflow;
    case EPROTO:  // TLS records that are damaged or not due
      return Reason::kProtocolError;
    default:
      return Reason::kIoError;
  }
}

Reason reason_of_dial_failure(int error) {
  switch (error) {
    case ECONNREFUSED:
      return Reason::kRefused;
    case EHOSTUNREACH:
    case ENETUNREACH:
      return Reason::kUnreachable;
    case ETIMEDOUT:
      return Reason::kDialTimeout;
    default:
      return Reason::kDialFailed;
  }
}

}  // namespace halfopen::node
