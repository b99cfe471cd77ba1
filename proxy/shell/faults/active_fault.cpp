#include "proxy/shell/faults/active_fault.hpp"

#include "proxy/shell/faults/accept_then_silence_fault.hpp"
#include "proxy/shell/faults/asymmetric_fault.hpp"
#include "proxy/shell/faults/blackhole_fault.hpp"
#include "proxy/shell/faults/flap_fault.hpp"
#include "proxy/shell/faults/half_close_fault.hpp"
#include "proxy/shell/faults/nat_fault.hpp"
#include "proxy/shell/faults/peer_restart_fault.hpp"
#include "proxy/shell/faults/refuse_fault.hpp"
#include "proxy/shell/faults/reset_on_next_fault.hpp"
#include "proxy/shell/faults/stream_fault.hpp"
#include "proxy/shell/faults/syn_drop_fault.hpp"

namespace halfopen {
namespace {

struct Make {
  FaultHost& host;
  const FaultSpec& spec;
  std::unique_ptr<ActiveFault> operator()(const NatConfig& config) const {
    return std::make_unique<NatFault>(host, config);
  }
  std::unique_ptr<ActiveFault> operator()(const BlackholeConfig& config) const {
    return std::make_unique<BlackholeFault>(host, config);
  }
  std::unique_ptr<ActiveFault> operator()(const PeerRestartConfig& config) const {
    return std::make_unique<PeerRestartFault>(host, config);
  }
  std::unique_ptr<ActiveFault> operator()(const SynDropConfig&) const {
    return std::make_unique<SynDropFault>(host);
  }
  std::unique_ptr<ActiveFault> operator()(const RefuseConfig&) const {
    return std::make_unique<RefuseFault>(host);
  }
  std::unique_ptr<ActiveFault> operator()(const AcceptThenSilenceConfig& config) const {
    return std::make_unique<AcceptThenSilenceFault>(host, config);
  }
  std::unique_ptr<ActiveFault> operator()(const ResetOnNextConfig& config) const {
    return std::make_unique<ResetOnNextFault>(host, config);
  }
  std::unique_ptr<ActiveFault> operator()(const HalfCloseConfig& config) const {
    return std::make_unique<HalfCloseFault>(host, config);
  }
  std::unique_ptr<ActiveFault> operator()(const AsymmetricConfig& config) const {
    return std::make_unique<AsymmetricFault>(host, config);
  }
  std::unique_ptr<ActiveFault> operator()(const FlapConfig& config) const {
    return std::make_unique<FlapFault>(host, config);
  }
  std::unique_ptr<ActiveFault> operator()(const StreamFaultConfig&) const {
    return std::make_unique<StreamFault>(host, spec);
  }
};

}  // namespace

std::unique_ptr<ActiveFault> make_active_fault(FaultHost& host, const FaultSpec& spec) {
  return std::visit(Make{host, spec}, spec.config);
}

}  // namespace halfopen
