#include "harness/model/pointer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>

#include "base/near_name.hpp"
#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

constexpr std::size_t kPathBytesMax = 1024;

// What a run is, and how runs are made, is not a run's to change.
constexpr std::array<std::string_view, 7> kFixedParts{"name",   "repeat",   "vars",  "choices",
                                                      "matrix", "controls", "report"};

// "~1" is "/" and "~0" is "~", as RFC 6901 has it.
std::string unescape(std::string_view token) {
  std::string text;
  for (std::size_t i = 0; i < token.size(); ++i) {
    const bool escape = token[i] == '~' && i + 1 < token.size();
    if (escape && token[i + 1] == '1') {
      text += '/';
      ++i;
    } else if (escape && token[i + 1] == '0') {
      text += '~';
      ++i;
    } else {
      text += token[i];
    }
  }
  return text;
}

std::string scalar_under(const Document& map, std::string_view key) {
  const Document* value = map.find(key);
  return value != nullptr && value->kind == Document::Kind::kScalar ? value->scalar : "";
}

// The names by which a list's item may be called.
std::vector<std::string> names_of(const Document& item) {
  if (item.kind != Document::Kind::kMap) return {};
  for (const char* key : {"id", "name"}) {
    if (std::string name = scalar_under(item, key); !name.empty()) return {name};
  }
  if (const Document* between = item.find("between");
      between != nullptr && between->items.size() == 2) {
    return {between->items[0].scalar + "-" + between->items[1].scalar};
  }
  if (item.entries.size() == 1) {
    const DocumentEntry& fault = item.entries.front();
    const std::string name = scalar_under(fault.value, "name");
    return {name.empty() ? fault.key : name};
  }
  return {};
}

Result<Document*> item_of(Document& list, const std::string& token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error == std::errc{} && end == token.data() + token.size() && index < list.items.size()) {
    return &list.items[index];
  }
  std::vector<std::string> known;
  Document* found = nullptr;
  for (Document& item : list.items) {
    for (const std::string& name : names_of(item)) {
      known.push_back(name);
      if (name != token) continue;
      if (found != nullptr) {
        return Problem{"has several items called \"", token, "\"; name one by its index from 0"};
      }
      found = &item;
    }
  }
  if (found != nullptr) return found;
  if (known.empty() && !list.items.empty()) {
    return Problem{"has no item \"", token, "\"; expected an index from 0 to ",
                   std::to_string(list.items.size() - 1)};
  }
  return Problem{"has no item \"", token, "\"; ", expected_names(token, known)};
}

// A key that could stand in some file: it is not misspelt, only not there.
bool is_word_of_the_language(const std::string& token) {
  for (const Shape* shape : all_shapes()) {
    if (shape->find(token) != nullptr) return true;
  }
  return false;
}

bool is_unwritten(const Document& parent, const std::string& token) {
  if (parent.kind != Document::Kind::kMap || parent.entries.empty()) return false;
  std::vector<std::string> known;
  for (const DocumentEntry& entry : parent.entries) {
    if (entry.key == token) return false;
    known.push_back(entry.key);
  }
  return near_name(token, known).empty() && is_word_of_the_language(token);
}

// The default that the key's line of the language ends with: "silence before a ping is sent (10s)".
std::string default_of(const std::string& map, const std::string& key) {
  for (const Shape* shape : all_shapes()) {
    const ShapeKey* found = shape->id == map ? shape->find(key) : nullptr;
    if (found == nullptr || !found->doc.ends_with(")")) continue;
    const std::string last = found->doc.substr(found->doc.rfind('(') + 1);
    if (last.find(' ') == std::string::npos && last.find('\'') == std::string::npos) {
      return last.substr(0, last.size() - 1);
    }
  }
  return "...";
}

// What the value may have been before somebody set it to this.
std::string value_before(const std::string& map, const std::string& key, const Document* value) {
  if (value == nullptr) return "...";
  if (value->kind == Document::Kind::kMap) return "{}";
  if (value->kind == Document::Kind::kSequence) return "[]";
  if (value->scalar == "true" || value->scalar == "false") {
    return value->scalar == "true" ? "false" : "true";
  }
  return default_of(map, key);
}

// "ping/enabled" is written "ping: {enabled: true}".
std::string written(const std::string& path, const std::string& parent, const Document* value) {
  const std::size_t end = path.find('/');
  const std::string key = unescape(path.substr(0, end));
  if (end == std::string::npos) return key + ": " + value_before(parent, key, value);
  return key + ": {" + written(path.substr(end + 1), key, value) + "}";
}

Result<Document*> child_of(Document& parent, const std::string& token) {
  if (parent.kind == Document::Kind::kSequence) return item_of(parent, token);
  if (parent.kind != Document::Kind::kMap) return Problem{"has no parts, it is a plain value"};
  if (Document* value = parent.find(token)) return value;
  if (parent.entries.empty()) {
    return Problem{"is empty; a path leads only to what the file writes: set it as a whole"};
  }
  std::vector<std::string> known;
  for (const DocumentEntry& entry : parent.entries)
    known.push_back(entry.key);
  return Problem{"has no key \"", token, "\"; ", expected_names(token, known)};
}

}  // namespace

Result<Document*> resolve_pointer(Document& document, const std::string& path,
                                  const Document* value) {
  if (path == "/") {
    return Problem{
        "the path \"/\" names nothing; expected a key behind it, as in /nodes/n1/preset"};
  }
  if (path.empty() || path.front() != '/') {
    return Problem{"the path \"", path, "\" must begin with \"/\", as in /nodes/n1/preset"};
  }
  Document* at = &document;
  std::size_t begin = 1;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string token = unescape(std::string_view(path).substr(begin, end - begin));
    if (begin == 1) {
      for (const std::string_view fixed : kFixedParts) {
        if (token == "vars") {
          return Problem{"the path \"", path,
                         "\" may not change vars; write \"vars\" beside \"set\""};
        }
        if (token == fixed) return Problem{"the path \"", path, "\" may not change ", fixed};
      }
    }
    const std::string reached = begin == 1 ? "the file" : path.substr(0, begin - 1);
    if (is_unwritten(*at, token)) {
      const std::string parent = reached.substr(reached.rfind('/') + 1);
      return Problem{"the path \"",
                     path,
                     "\" leads nowhere: ",
                     reached,
                     " does not write \"",
                     token,
                     "\", and a path leads only to what the file writes; write there ",
                     written(path.substr(begin), parent, value),
                     " first, with the value that holds without this change"};
    }
    const auto child = child_of(*at, token);
    if (child.has_error()) {
      return Problem{"the path \"", path, "\" leads nowhere: ", reached, " ", child.error().text};
    }
    at = *child;
    begin = end + 1;
  }
  return at;
}

Result<void> apply_set(Document& document, const Document& set) {
  for (const DocumentEntry& entry : set.entries) {
    if (entry.key.size() > kPathBytesMax) {
      return problem_at(entry.key_mark, "the path \"" + excerpt(entry.key) + "\" is too long");
    }
    const auto target = resolve_pointer(document, entry.key, &entry.value);
    if (target.has_error()) return problem_at(entry.key_mark, target.error().text);
    **target = entry.value;
  }
  return {};
}

}  // namespace halfopen
