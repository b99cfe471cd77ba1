// How grpc-vote-node sets its channels up: credentials, and every argument that helps it.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "tests/bench/grpc_node/settings.hpp"

namespace halfopen::grpc_node {

using Arguments = std::vector<std::pair<std::string, int>>;

[[nodiscard]] Result<std::shared_ptr<grpc::ServerCredentials>> server_credentials(
    const Settings& settings);
[[nodiscard]] Arguments server_arguments(const Settings& settings);
[[nodiscard]] std::shared_ptr<grpc::Channel> make_channel(const Settings& settings,
                                                          const PeerSettings& peer);

}  // namespace halfopen::grpc_node
