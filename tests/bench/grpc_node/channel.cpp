#include "tests/bench/grpc_node/channel.hpp"

namespace halfopen::grpc_node {
namespace {

// For both ends. Keep-alive pings come while a stream is quiet, in both directions, and none is
// held against the peer; a TCP_USER_TIMEOUT of the ping's timeout comes with them. The bandwidth
// probe would send pings of its own, and retries would keep a copy of what a stream sends.
Arguments common_arguments(const Settings& settings) {
  return {{GRPC_ARG_KEEPALIVE_TIME_MS, settings.ping_interval_ms},
          {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, settings.ping_timeout_ms},
          {GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1},
          {GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0},
          {GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0},
          {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 1},
          {GRPC_ARG_HTTP2_BDP_PROBE, 0},
          {GRPC_ARG_ENABLE_RETRIES, 0},
          {GRPC_ARG_ENABLE_CENSUS, 0},
          {GRPC_ARG_ENABLE_LOAD_REPORTING, 0}};
}

}  // namespace

Arguments server_arguments(const Settings& settings) {
  return common_arguments(settings);
}

Result<std::shared_ptr<grpc::ServerCredentials>> server_credentials(const Settings& settings) {
  if (settings.tls.certificate.empty()) return grpc::InsecureServerCredentials();
  HALFOPEN_TRY(authority, read_text(settings.tls.authority));
  HALFOPEN_TRY(certificate, read_text(settings.tls.certificate));
  HALFOPEN_TRY(key, read_text(settings.tls.key));
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = authority;
  options.pem_key_cert_pairs.push_back({key, certificate});
  return grpc::SslServerCredentials(options);
}

std::shared_ptr<grpc::Channel> make_channel(const Settings& settings, const PeerSettings& peer) {
  grpc::ChannelArguments arguments;
  for (const auto& [name, value] : common_arguments(settings))
    arguments.SetInt(name, value);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, settings.backoff_ms_min);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, settings.backoff_ms_max);
  // Its name is misleading: this is how long a dial may take.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, settings.dial_timeout_ms);
  if (settings.tls.certificate.empty()) {
    return grpc::CreateCustomChannel(peer.address, grpc::InsecureChannelCredentials(), arguments);
  }
  // Unreadable files have been complained about by server_credentials().
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = *read_text(settings.tls.authority);
  options.pem_private_key = *read_text(settings.tls.key);
  options.pem_cert_chain = *read_text(settings.tls.certificate);
  arguments.SetSslTargetNameOverride(peer.name);
  return grpc::CreateCustomChannel(peer.address, grpc::SslCredentials(options), arguments);
}

}  // namespace halfopen::grpc_node
