#include "harness/model/judge_wall.hpp"

#include <cstdint>

namespace halfopen {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : left_(text) {}

  bool take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  // Exactly `digits` digits whose value is in [least, greatest].
  std::optional<int> number(std::size_t digits, int least, int greatest) {
    if (left_.size() < digits) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      const char c = left_[i];
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + (c - '0');
    }
    left_.remove_prefix(digits);
    if (value < least || value > greatest) return std::nullopt;
    return value;
  }
  // ".123" as nanoseconds; nothing where there is none, digits beyond the ninth are cut off.
  Duration fraction() {
    if (left_.size() < 2 || (left_.front() != '.' && left_.front() != ',')) return Duration{0};
    left_.remove_prefix(1);
    std::int64_t scale = 100'000'000;
    std::int64_t nanoseconds = 0;
    while (!left_.empty() && left_.front() >= '0' && left_.front() <= '9') {
      nanoseconds += scale * (left_.front() - '0');
      scale /= 10;
      left_.remove_prefix(1);
    }
    return Duration{nanoseconds};
  }
  [[nodiscard]] bool at_end() const { return left_.empty(); }

 private:
  std::string_view left_;
};

// "Z", "+01:00", or nothing at all for UTC.
std::optional<Duration> zone(Reader& reader) {
  if (reader.at_end() || reader.take('Z') || reader.take('z')) return Duration{0};
  const bool east = reader.take('+');
  if (!east && !reader.take('-')) return std::nullopt;
  const auto hours = reader.number(2, 0, 23);
  if (!hours || !reader.take(':')) return std::nullopt;
  const auto minutes = reader.number(2, 0, 59);
  if (!minutes) return std::nullopt;
  const Duration offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
  return east ? offset : -offset;
}

}  // namespace

std::optional<Duration> parse_rfc3339(std::string_view text) {
  Reader reader(text);
  const auto year = reader.number(4, 1970, 2200);  // what fits into 64 bits of nanoseconds
  if (!year || !reader.take('-')) return std::nullopt;
  const auto month = reader.number(2, 1, 12);
  if (!month || !reader.take('-')) return std::nullopt;
  const auto day = reader.number(2, 1, 31);
  if (!day || (!reader.take('T') && !reader.take('t') && !reader.take(' '))) return std::nullopt;
  const auto hours = reader.number(2, 0, 23);
  if (!hours || !reader.take(':')) return std::nullopt;
  const auto minutes = reader.number(2, 0, 59);
  if (!minutes || !reader.take(':')) return std::nullopt;
  const auto seconds = reader.number(2, 0, 60);
  if (!seconds) return std::nullopt;
  const Duration fraction = reader.fraction();
  const auto offset = zone(reader);
  if (!offset || !reader.at_end()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(*hours) +
         std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds) + fraction - *offset;
}

std::optional<Duration> wall_offset_of(const RunRecord& record) {
  if (record.wall_offset) return record.wall_offset;
  for (const Event& event : record.events) {
    if (const auto wall = parse_rfc3339(event.text("wall"))) {
      return *wall - Duration{event.at.nanoseconds()};
    }
  }
  return std::nullopt;
}

}  // namespace halfopen
