// x ^ y as Prometheus computes it. The C library's own pow is right to the last bit, and Go's is
// not quite; `%` and `-` can make the last bit of a large power the first digit of an answer.
#pragma once

namespace halfopen::expression {

// For whole exponents the same to the last bit; for others within a few units of it.
[[nodiscard]] double power(double base, double exponent);

}  // namespace halfopen::expression
