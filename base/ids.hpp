// Strong identifiers: two ids of different kinds never convert into each other.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace halfopen {

template <class Tag, class Value = std::uint64_t>
class StrongId {
 public:
  constexpr StrongId() = default;
  explicit constexpr StrongId(Value value) : value_(value) {}
  [[nodiscard]] constexpr Value value() const { return value_; }
  // clang-tidy 14 takes the 0 that a defaulted comparison compares with for a null pointer.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  constexpr auto operator<=>(const StrongId&) const = default;

 private:
  Value value_{};
};

// One accepted or dialled TCP connection, unique within a process's life.
using ConnectionId = StrongId<struct ConnectionIdTag>;

}  // namespace halfopen

template <class Tag, class Value>
struct std::hash<halfopen::StrongId<Tag, Value>> {
  std::size_t operator()(const halfopen::StrongId<Tag, Value>& id) const noexcept {
    return std::hash<Value>{}(id.value());
  }
};
