// Values or a reason. boost::system::result is what g++ 12 offers in place of std::expected; it
// is not [[nodiscard]] itself, so every function that returns one is marked.
#pragma once

#include <boost/system/result.hpp>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace halfopen {

// An error for a person: where, what was expected, what to do. Written as its parts, which are
// joined: Problem{"cannot open ", path, ": ", reason}. (Constructible only with braces: if a plain
// string could become a Problem, boost::system::result would refuse to convert strings to values.)
struct Problem {
  Problem() = default;
  Problem(std::initializer_list<std::string_view> parts) {
    for (const std::string_view part : parts)
      text += part;
  }
  std::string text;
};

template <class Value, class Error = Problem>
using Result = boost::system::result<Value, Error>;

[[noreturn]] inline void throw_exception_from_error(const Problem& problem,
                                                    const boost::source_location&) {
  // Reached only when a caller takes .value() of an error, which is our own bug.
  throw std::runtime_error(problem.text);
}

}  // namespace halfopen

#define HALFOPEN_CONCAT_INNER(a, b) a##b
#define HALFOPEN_CONCAT(a, b) HALFOPEN_CONCAT_INNER(a, b)
// TRY(name, expression): binds the value, or returns the error from the enclosing function.
#define HALFOPEN_TRY(name, ...) \
  HALFOPEN_TRY_INNER(HALFOPEN_CONCAT(try_result_, __LINE__), name, __VA_ARGS__)
#define HALFOPEN_TRY_INNER(temporary, name, ...)       \
  auto temporary = (__VA_ARGS__);                      \
  if (temporary.has_error()) return temporary.error(); \
  auto name = std::move(*temporary)
// CHECK(expression): as TRY, for a Result<void>.
#define HALFOPEN_CHECK(...) \
  if (auto check_result = (__VA_ARGS__); check_result.has_error()) return check_result.error()
