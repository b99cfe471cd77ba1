#include "harness/model/bind_fields.hpp"

#include <algorithm>
#include <charconv>

#include "base/duration_text.hpp"
#include "base/near_name.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kIdBytesMax = 64;

bool is_id_letter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
}

// A scalar's text, as a message may show it.
std::string shown(const Document& document) {
  if (document.kind != Document::Kind::kScalar) return kind_text(document);
  return "\"" + excerpt(document.scalar) + "\"";
}

Problem wrong(const Document& document, const std::string& what, const std::string& expected) {
  return problem_at(document.mark, what + " must be " + expected + ", this is " + shown(document));
}

Problem unknown_key(const DocumentEntry& entry, const std::string& what,
                    const std::vector<std::string>& known_keys) {
  return problem_at(entry.key_mark, what + " has an unknown key \"" + excerpt(entry.key) + "\"; " +
                                        expected_names(entry.key, known_keys));
}

}  // namespace

std::string kind_text(const Document& document) {
  switch (document.kind) {
    case Document::Kind::kNull:
      return "nothing";
    case Document::Kind::kScalar:
      return "a single value";
    case Document::Kind::kSequence:
      return document.items.empty() ? "an empty list" : "a list";
    case Document::Kind::kMap:
      return "a map";
  }
  return "nothing";
}

Result<Fields> Fields::of(const Document& document, const std::string& what,
                          const std::vector<std::string>& known_keys) {
  HALFOPEN_CHECK(check_map(document, what));
  for (const DocumentEntry& entry : document.entries) {
    if (std::find(known_keys.begin(), known_keys.end(), entry.key) == known_keys.end()) {
      return unknown_key(entry, what, known_keys);
    }
  }
  return Fields(document, what);
}

Result<Fields> Fields::of(const Document& document, const Shape& shape) {
  return of(document, shape, shape.title);
}

Result<Fields> Fields::of(const Document& document, const Shape& shape, const std::string& what) {
  HALFOPEN_CHECK(check_map(document, what));
  for (const DocumentEntry& entry : document.entries) {
    if (shape.find(entry.key) == nullptr) return unknown_key(entry, what, shape.key_names());
  }
  Fields fields(document, what);
  fields.shape_ = &shape;
  return fields;
}

Result<const DocumentEntry*> Fields::need_main() const {
  // The names are listed only for the one who has none of them, or two.
  const DocumentEntry* found = nullptr;
  std::size_t main_keys = 0;
  for (const DocumentEntry& entry : document_->entries) {
    const ShapeKey* key = shape_ == nullptr ? nullptr : shape_->find(entry.key);
    if (key == nullptr || key->need != ShapeKey::Need::kMain) continue;
    found = &entry;
    ++main_keys;
  }
  if (main_keys == 1) return found;
  return need_one_of(shape_ == nullptr ? std::vector<std::string>{} : shape_->main_keys());
}

Result<const Document*> Fields::need(std::string_view key) const {
  if (const Document* value = find(key)) return value;
  return problem_at(mark(), what_ + " lacks the key \"" + std::string(key) + "\"");
}

Result<const DocumentEntry*> Fields::need_one_of(const std::vector<std::string>& keys) const {
  const DocumentEntry* found = nullptr;
  for (const DocumentEntry& entry : document_->entries) {
    if (std::find(keys.begin(), keys.end(), entry.key) == keys.end()) continue;
    if (found != nullptr) {
      return problem_at(entry.key_mark, what_ + " has both \"" + found->key + "\" and \"" +
                                            entry.key + "\"; expected one of them");
    }
    found = &entry;
  }
  if (found == nullptr) {
    return problem_at(mark(), what_ + " lacks its main key; " + expected_names("", keys));
  }
  return found;
}

Result<void> check_map(const Document& document, const std::string& what) {
  if (document.kind != Document::Kind::kMap) return wrong(document, what, "a map {key: value}");
  return {};
}

Result<void> check_list(const Document& document, const std::string& what) {
  if (document.kind != Document::Kind::kSequence) return wrong(document, what, "a list");
  return {};
}

Result<std::string> read_text(const Document& document, const std::string& what) {
  if (document.kind != Document::Kind::kScalar || document.scalar.empty()) {
    return wrong(document, what, "text");
  }
  return document.scalar;
}

Result<void> check_id(const std::string& text, const Mark& mark, const std::string& what) {
  const bool good = !text.empty() && text.size() <= kIdBytesMax && is_id_letter(text.front()) &&
                    std::all_of(text.begin(), text.end(), [](char letter) {
                      return is_id_letter(letter) || letter == '-' || letter == '_';
                    });
  if (good) return {};
  return problem_at(mark, what + " \"" + excerpt(text) +
                              "\" is not a name; expected up to 64 of a-z, 0-9, - and _, beginning "
                              "with a letter or a digit");
}

Result<std::string> read_id(const Document& document, const std::string& what) {
  HALFOPEN_TRY(text, read_text(document, what));
  HALFOPEN_CHECK(check_id(text, document.mark, what));
  return text;
}

Result<Duration> read_duration(const Document& document, const std::string& what) {
  if (document.kind != Document::Kind::kScalar) {
    return wrong(document, what, "a duration such as 250ms, 3s or 1m30s");
  }
  const auto duration = parse_duration(document.scalar);
  if (duration.has_error()) return problem_at(document.mark, what + ": " + duration.error().text);
  return *duration;
}

Result<Duration> read_limit(const Document& document, const std::string& what) {
  HALFOPEN_TRY(limit, read_duration(document, what));
  if (limit > Duration::zero()) return limit;
  return problem_at(document.mark, what + " leaves no time to look; expected more than 0s");
}

Result<std::uint64_t> read_number(const Document& document, const std::string& what,
                                  std::uint64_t smallest, std::uint64_t largest) {
  std::uint64_t number = 0;
  const std::string& text = document.scalar;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = document.kind == Document::Kind::kScalar && error == std::errc{} &&
                     end == text.data() + text.size();
  if (!whole || number < smallest || number > largest) {
    return wrong(
        document, what,
        "a whole number from " + std::to_string(smallest) + " to " + std::to_string(largest));
  }
  return number;
}

Result<unsigned> read_count(const Document& document, const std::string& what, unsigned smallest,
                            unsigned largest) {
  HALFOPEN_TRY(number, read_number(document, what, smallest, largest));
  return static_cast<unsigned>(number);
}

Result<bool> read_flag(const Document& document, const std::string& what) {
  if (document.kind == Document::Kind::kScalar && !document.quoted) {
    if (document.scalar == "true") return true;
    if (document.scalar == "false") return false;
  }
  return wrong(document, what, "true or false");
}

Result<std::vector<std::string>> read_texts(const Document& document, const std::string& what) {
  if (document.kind != Document::Kind::kSequence || document.items.empty()) {
    return wrong(document, what, "a list with at least one item");
  }
  std::vector<std::string> texts;
  for (const Document& item : document.items) {
    HALFOPEN_TRY(text, read_text(item, "an item of " + what));
    texts.push_back(std::move(text));
  }
  return texts;
}

Result<std::string> read_known(const Document& document, const std::string& what,
                               const std::vector<std::string>& known) {
  HALFOPEN_TRY(name, read_text(document, "a " + what + "'s name"));
  if (std::find(known.begin(), known.end(), name) != known.end()) return name;
  return unknown_name(document.mark, what, name, known);
}

Result<std::string> read_word(const Document& document, const std::string& what,
                              const std::vector<std::string>& words) {
  HALFOPEN_TRY(word, read_text(document, "the " + what));
  if (std::find(words.begin(), words.end(), word) != words.end()) return word;
  return unknown_name(document.mark, what, word, words);
}

Problem unknown_name(const Mark& mark, const std::string& what, const std::string& name,
                     const std::vector<std::string>& known) {
  return problem_at(
      mark, "unknown " + what + " \"" + excerpt(name) + "\"; " + expected_names(name, known));
}

}  // namespace halfopen
