// The text format that /metrics pages are written in, version 0.0.4: a line a sample,
//   name{label="value",...} value [timestamp]
// and comment lines with '#'. Histograms and summaries are plain series by other names. The
// harness's own clock says when a sample was taken, so timestamps are checked and dropped.
#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

#include "harness/model/series.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kTextMax = std::size_t{4} * 1024 * 1024;
constexpr std::size_t kLabelsMax = 64;

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_name(char c, bool colon_allowed) {
  return is_name_start(c) || (c >= '0' && c <= '9') || (c == ':' && colon_allowed);
}

class LineReader {
 public:
  LineReader(std::string_view line, std::size_t number) : left_(line), number_(number) {}

  [[nodiscard]] Result<ExposedSample> read() {
    ExposedSample sample;
    sample.name = name(true);
    if (sample.name.empty()) return bad("a metric's name");
    skip_space();
    if (take('{')) {
      HALFOPEN_TRY(labels, label_set());
      sample.labels = std::move(labels);
      skip_space();
    }
    HALFOPEN_TRY(value, number(word()));
    sample.value = value;
    skip_space();
    if (!left_.empty()) {
      const std::string_view timestamp = word();
      std::int64_t milliseconds = 0;
      const auto parsed =
          std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), milliseconds);
      if (parsed.ec != std::errc{} || parsed.ptr != timestamp.data() + timestamp.size()) {
        return bad("a timestamp in whole milliseconds or the end of the line");
      }
      skip_space();
      if (!left_.empty()) return bad("the end of the line");
    }
    return sample;
  }

 private:
  [[nodiscard]] Problem bad(std::string_view expected) const {
    return Problem{"line ", std::to_string(number_), " of the metrics page: expected ", expected};
  }
  void skip_space() {
    while (!left_.empty() && (left_.front() == ' ' || left_.front() == '\t'))
      left_.remove_prefix(1);
  }
  bool take(char c) {
    if (left_.empty() || left_.front() != c) return false;
    left_.remove_prefix(1);
    return true;
  }
  std::string name(bool colon_allowed) {
    std::size_t length = 0;
    if (!left_.empty() &&
        (is_name_start(left_.front()) || (colon_allowed && left_.front() == ':'))) {
      while (length < left_.size() && is_name(left_[length], colon_allowed))
        ++length;
    }
    std::string result(left_.substr(0, length));
    left_.remove_prefix(length);
    return result;
  }
  std::string_view word() {
    std::size_t length = 0;
    while (length < left_.size() && left_[length] != ' ' && left_[length] != '\t')
      ++length;
    const std::string_view result = left_.substr(0, length);
    left_.remove_prefix(length);
    return result;
  }

  [[nodiscard]] Result<double> number(std::string_view text) const {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    // from_chars knows "inf", "infinity" and "nan" in any case.
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = parsed.ptr == text.data() + text.size();
    if (whole && parsed.ec == std::errc::result_out_of_range) {
      if (text.find_first_of("eE") < text.rfind('-') && text.rfind('-') != text.npos) return 0.0;
      return text.starts_with('-') ? -std::numeric_limits<double>::infinity()
                                   : std::numeric_limits<double>::infinity();
    }
    if (text.empty() || !whole || parsed.ec != std::errc{}) return bad("a number as the value");
    return value;
  }

  [[nodiscard]] Result<SeriesLabels> label_set() {
    SeriesLabels labels;
    skip_space();
    while (!take('}')) {
      const std::string label = name(false);
      if (label.empty()) return bad("a label's name or \"}\"");
      skip_space();
      if (!take('=')) return bad("\"=\" after the label " + label);
      skip_space();
      HALFOPEN_TRY(value, quoted());
      if (labels.size() >= kLabelsMax) return bad("at most 64 labels");
      if (!labels.emplace(label, std::move(value)).second) {
        return bad("each label once, and " + label + " is there twice");
      }
      skip_space();
      if (!take(',') && (left_.empty() || left_.front() != '}')) return bad("\",\" or \"}\"");
      skip_space();
    }
    // Prometheus takes a label with the value "" for one that is not there.
    std::erase_if(labels, [](const auto& label) { return label.second.empty(); });
    return labels;
  }

  [[nodiscard]] Result<std::string> quoted() {
    if (!take('"')) return bad("a quoted value");
    std::string value;
    while (!left_.empty()) {
      const char c = left_.front();
      left_.remove_prefix(1);
      if (c == '"') return Result<std::string>(std::move(value));
      if (c != '\\') {
        value += c;
      } else if (take('n')) {
        value += '\n';
      } else if (take('\\')) {
        value += '\\';
      } else if (take('"')) {
        value += '"';
      } else {
        return bad("\\\\, \\\" or \\n after a backslash");
      }
    }
    return bad("the end of a quoted value");
  }

  std::string_view left_;
  std::size_t number_;
};

}  // namespace

Result<std::vector<ExposedSample>> parse_exposition(std::string_view text) {
  if (text.size() > kTextMax) return Problem{"the metrics page is longer than 4 MiB"};
  std::vector<ExposedSample> samples;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const std::size_t length = text.find('\n');
    std::string_view line = text.substr(0, length);
    text.remove_prefix(length == std::string_view::npos ? text.size() : length + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string_view::npos || line[first] == '#') continue;
    HALFOPEN_TRY(sample, LineReader(line.substr(first), number).read());
    samples.push_back(std::move(sample));
  }
  return samples;
}

}  // namespace halfopen
