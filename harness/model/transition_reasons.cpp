#include "harness/model/transition_reasons.hpp"

namespace halfopen {

const std::vector<std::string>& transition_reasons() {
  static const std::vector<std::string> all{"keepalive_timeout",
                                            "user_timeout",
                                            "retransmission_timeout",
                                            "ping_timeout",
                                            "ack_timeout",
                                            "reset",
                                            "broken_pipe",
                                            "eof",
                                            "aborted",
                                            "io_error",
                                            "overflow",
                                            "protocol_error",
                                            "refused",
                                            "unreachable",
                                            "dial_timeout",
                                            "dial_failed",
                                            "handshake_failed",
                                            "tls_failed",
                                            "wrong_key",
                                            "wrong_network",
                                            "wrong_version",
                                            "rate_limited",
                                            "unknown_peer",
                                            "too_many_connections",
                                            "replaced",
                                            "tie_break",
                                            "removed",
                                            "shutdown",
                                            "start",
                                            "retry_due",
                                            "connected",
                                            "hello",
                                            "answered"};
  return all;
}

}  // namespace halfopen
