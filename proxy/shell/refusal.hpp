// Why a request of the API is not carried out, with the HTTP status that says of what kind it is.
#pragma once

#include <string>
#include <utility>

#include "base/result.hpp"

namespace halfopen {

struct Refusal {
  // A constructor of two: from one value alone boost::system::result could not tell it apart.
  Refusal() = default;
  Refusal(unsigned http_status, std::string reason, bool nothing_wrong_with_it = false)
      : status(http_status), text(std::move(reason)), is_well_formed(nothing_wrong_with_it) {}
  unsigned status = 400;
  std::string text;
  // What was asked for could be had at another time or on another machine.
  bool is_well_formed = false;
};

[[noreturn]] inline void throw_exception_from_error(const Refusal& refusal,
                                                    const boost::source_location&) {
  // Reached only when a caller takes .value() of a refusal, which is our own bug.
  throw std::runtime_error(refusal.text);
}

template <class Value>
using Answer = boost::system::result<Value, Refusal>;

}  // namespace halfopen
