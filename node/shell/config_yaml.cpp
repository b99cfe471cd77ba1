// The only file of node/ that includes yaml-cpp.
#include "node/shell/config_yaml.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/duration_text.hpp"

namespace halfopen::node {
namespace {

// How many letters must be added, removed or changed to make one word the other.
std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j < row.size(); ++j)
    row[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t changed = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

// The first Problem stays; reads after it leave their targets alone.
std::string place_in(const std::string& file, const YAML::Mark& mark) {
  if (mark.is_null()) return file;
  return file + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

class YamlFields final : public Fields {
 public:
  // `where` names this mapping for people ("peers"), `path` for programs ("peers[2]"); both are
  // empty for the whole file.
  YamlFields(const YAML::Node& node, std::string file, std::string where, std::string path,
             KeyPlaces& places)
      : node_(node),
        file_(std::move(file)),
        where_(std::move(where)),
        path_(std::move(path)),
        places_(places) {
    check_shape();
  }

  void text(const Key& key, std::string_view, std::string& target) override {
    if (const auto value = take_scalar(key.name, "a text")) target = *value;
  }

  void choice(const Key& key, std::initializer_list<std::string_view> options,
              std::string& target) override {
    std::string expected;
    for (const std::string_view option : options) {
      if (!expected.empty()) expected += option == *(options.end() - 1) ? " or " : ", ";
      expected += option;
    }
    const auto value = take_scalar(key.name, expected);
    if (!value) return;
    if (std::find(options.begin(), options.end(), *value) == options.end()) {
      return complain(key.name, "must be " + expected);
    }
    target = *value;
  }

  void flag(const Key& key, bool& target) override {
    const auto value = take_scalar(key.name, "true or false");
    if (!value) return;
    if (*value != "true" && *value != "false") return complain(key.name, "must be true or false");
    target = *value == "true";
  }

  void whole_number(const Key& key, std::uint64_t min, std::uint64_t max,
                    std::uint64_t& target) override {
    const auto value = take_scalar(key.name, "a whole number");
    if (!value) return;
    std::uint64_t number = 0;
    const char* last = value->data() + value->size();
    const auto [end, error] = std::from_chars(value->data(), last, number);
    if (error != std::errc{} || end != last || number < min || number > max) {
      return complain(key.name, "must be a whole number from " + std::to_string(min) + " to " +
                                    std::to_string(max));
    }
    target = number;
  }

  void duration(const Key& key, Duration unit, Duration min, Duration max,
                Duration& target) override {
    const auto value = take_scalar(key.name, "a duration such as 250ms or 3s");
    if (!value) return;
    const auto parsed = parse_duration(*value);
    if (parsed.has_error()) return complain(key.name, "is wrong: " + parsed.error().text);
    if (*parsed % unit != Duration{0}) {
      return complain(
          key.name, "must be whole " +
                        std::string(unit == std::chrono::seconds(1) ? "seconds" : "milliseconds") +
                        ": the kernel counts in them");
    }
    if (*parsed < min || *parsed > max) {
      return complain(key.name,
                      "must be from " + format_duration(min) + " to " + format_duration(max));
    }
    target = *parsed;
  }

  void mapping(const Key& key, const ReadInner& read) override {
    if (const auto value = take(key.name)) {
      read_inner(*value, full_name(key.name), full_path(key.name), read);
    }
  }

  void list(const Key& key, const ReadInner& read) override {
    const auto value = take(key.name);
    if (!value) return;
    if (!value->IsSequence())
      return complain_at(value->Mark(), "\"" + full_name(key.name) + "\" must be a list");
    std::size_t place = 0;
    for (const auto& item : *value) {
      const std::string path = full_path(key.name) + "[" + std::to_string(place++) + "]";
      if (!item.IsMap() && !problem_) {
        return complain_at(item.Mark(), "\"" + full_name(key.name) + "\" must be a mapping");
      }
      places_[path] = place_text(item.Mark());
      read_inner(item, full_name(key.name), path, read);
    }
  }

  void require(std::string_view key) override {
    if (!has(key)) complain(key, "is required");
  }

  void require_one_of(std::initializer_list<std::string_view> keys,
                      const std::string& text) override {
    const auto given =
        std::count_if(keys.begin(), keys.end(), [&](std::string_view key) { return has(key); });
    if (given != 1) complain(*keys.begin(), text);
  }

  // At the mapping, if the key is not there.
  void complain(std::string_view key, const std::string& text) override {
    const YAML::Node value = node_[std::string(key)];
    complain_at(value.IsDefined() ? value.Mark() : node_.Mark(),
                "\"" + full_name(key) + "\" " + text);
  }

  // Nothing while what was read so far makes sense.
  [[nodiscard]] const std::optional<Problem>& problem() const { return problem_; }

  // The first Problem, or a complaint about a key that nobody asked for.
  [[nodiscard]] std::optional<Problem> finish() {
    if (!problem_) check_keys();
    return problem_;
  }

 private:
  [[nodiscard]] std::string full_name(std::string_view key) const {
    return where_.empty() ? std::string(key) : where_ + "." + std::string(key);
  }

  [[nodiscard]] std::string full_path(std::string_view key) const {
    return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  }

  // With a value that says something.
  [[nodiscard]] bool has(std::string_view key) const {
    if (problem_) return true;  // and node_ may be no mapping
    const YAML::Node value = node_[std::string(key)];
    return value.IsDefined() && !value.IsNull() && !(value.IsScalar() && value.Scalar().empty());
  }

  void read_inner(const YAML::Node& node, const std::string& name, const std::string& path,
                  const ReadInner& read) {
    YamlFields inner(node, file_, name, path, places_);
    if (!inner.problem_) read(inner);
    if (!problem_) problem_ = inner.finish();
  }

  std::optional<YAML::Node> take(std::string_view key) {
    asked_.emplace_back(key);
    if (problem_) return std::nullopt;
    const YAML::Node value = node_[asked_.back()];
    if (!value.IsDefined()) return std::nullopt;
    places_[full_path(key)] = place_text(value.Mark());
    return value;
  }

  std::optional<std::string> take_scalar(std::string_view key, const std::string& expected) {
    const auto value = take(key);
    if (!value) return std::nullopt;
    if (!value->IsScalar()) {
      complain(key, "must be " + expected);
      return std::nullopt;
    }
    return value->Scalar();
  }

  void check_shape() {
    if (!node_.IsMap()) {
      const std::string subject = where_.empty() ? "this file" : "\"" + where_ + "\"";
      return complain_at(node_.Mark(), subject + " must be a mapping of keys to values");
    }
    std::set<std::string> seen;
    for (const auto& entry : node_) {
      if (!entry.first.IsScalar()) {
        return complain_at(entry.first.Mark(), "a key must be a word");
      }
      if (!seen.insert(entry.first.Scalar()).second) {
        return complain_at(entry.first.Mark(),
                           "key \"" + entry.first.Scalar() + "\" is there twice");
      }
    }
  }

  void check_keys() {
    for (const auto& entry : node_) {
      const std::string key = entry.first.Scalar();
      if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) continue;
      const auto nearest = std::min_element(asked_.begin(), asked_.end(), [&](auto& a, auto& b) {
        return edit_distance(key, a) < edit_distance(key, b);
      });
      std::string text = "unknown key \"" + full_name(key) + "\"";
      if (nearest != asked_.end() && edit_distance(key, *nearest) <= 1 + key.size() / 3) {
        text += ": did you mean \"" + *nearest + "\"?";
      }
      return complain_at(entry.first.Mark(), text);
    }
  }

  void complain_at(const YAML::Mark& mark, const std::string& text) {
    if (!problem_) problem_ = Problem{place_text(mark), ": ", text};
  }

  [[nodiscard]] std::string place_text(const YAML::Mark& mark) const {
    return place_in(file_, mark);
  }

  // Const, because asking a mutable node for a key would add it.
  const YAML::Node node_;
  std::string file_;
  std::string where_;
  std::string path_;
  KeyPlaces& places_;
  std::vector<std::string> asked_;
  std::optional<Problem> problem_;
};

}  // namespace

Result<KeyPlaces> read_yaml(const std::string& text, const std::string& name,
                            const std::function<void(Fields&)>& read) {
  try {
    KeyPlaces places;
    YamlFields fields(YAML::Load(text), name, "", "", places);
    if (fields.problem()) return *fields.problem();
    read(fields);
    if (auto problem = fields.finish()) return *problem;
    return places;
  } catch (const YAML::Exception& error) {
    return Problem{place_in(name, error.mark), ": not YAML: ", error.msg};
  }
}

}  // namespace halfopen::node
