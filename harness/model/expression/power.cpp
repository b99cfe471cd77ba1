#include "harness/model/expression/power.hpp"

#include <cmath>
#include <cstdint>

namespace halfopen::expression {
namespace {

// A power of two beyond which no double is finite, nor its reciprocal other than 0.
constexpr int kExponentFar = 1 << 12;
constexpr double kWholeMax = 9.2e18;  // fits into 64 bits

// mantissa * 2^exponent, so that squaring never overflows in between.
struct Scaled {
  double mantissa = 1;
  int exponent = 0;
};

void multiply_by_power(Scaled& result, double base, std::int64_t times) {
  Scaled square;
  square.mantissa = std::frexp(base, &square.exponent);
  for (; times != 0; times >>= 1) {
    if (square.exponent < -kExponentFar || square.exponent > kExponentFar) {
      result.exponent += square.exponent;
      return;
    }
    if (times % 2 != 0) {
      result.mantissa *= square.mantissa;
      result.exponent += square.exponent;
    }
    square.mantissa *= square.mantissa;
    square.exponent *= 2;
    if (square.mantissa < 0.5) {
      square.mantissa += square.mantissa;
      --square.exponent;
    }
  }
}

}  // namespace

double power(double base, double exponent) {
  const bool special = base == 0 || exponent == 0 || !std::isfinite(base) ||
                       !std::isfinite(exponent) || std::abs(exponent) > kWholeMax;
  if (special || base == 1) return std::pow(base, exponent);
  if (exponent == 1) return base;
  if (exponent == 0.5) return std::sqrt(base);
  if (exponent == -0.5) return 1 / std::sqrt(base);
  double whole = 0;
  double fraction = std::modf(std::abs(exponent), &whole);
  if (fraction != 0 && base < 0) return std::pow(base, exponent);  // NaN
  Scaled result;
  if (fraction != 0) {
    if (fraction > 0.5) {
      --fraction;
      ++whole;
    }
    result.mantissa = std::exp(fraction * std::log(base));
  }
  multiply_by_power(result, base, static_cast<std::int64_t>(whole));
  if (exponent < 0) result = {1 / result.mantissa, -result.exponent};
  return std::ldexp(result.mantissa, result.exponent);
}

}  // namespace halfopen::expression
