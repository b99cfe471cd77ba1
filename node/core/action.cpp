#include "node/core/action.hpp"

namespace halfopen::node {

std::string_view name_of(CastRefusal refusal) {
  switch (refusal) {
    case CastRefusal::kConflict:
      return "conflict";
    case CastRefusal::kForgotten:
      return "forgotten";
    case CastRefusal::kOutboxFull:
      return "outbox_full";
    case CastRefusal::kStoreFailed:
      return "store_failed";
    case CastRefusal::kStopping:
      return "stopping";
  }
  return "unknown";
}

}  // namespace halfopen::node
