// The scenario language as data: a Shape for each map of the language, with its keys, what each
// takes, and a line for the reader. The binder takes its known keys from here, and `halfopen
// schema` prints the same shapes, so that what an editor completes and what a run accepts cannot
// part.
//
// A shape says what a value looks like by itself. What depends on other parts of the file (a name
// that must exist, a time that must be a second from another) is the binder's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace halfopen {

struct Shape;

// What a key takes. Made by the functions below.
struct ValueType {
  enum class Kind : std::uint8_t {
    kAnything,   // understood by somebody else: a node's setting, a fault's attribute
    kText,       // any text; a number without quotes is text as well
    kName,       // a-z, 0-9, - and _
    kDuration,   // with its unit: 250ms, 3s, 1m30s
    kCount,      // a whole number
    kFlag,       // true or false
    kCondition,  // an expression over metrics
    kWord,       // one of `words`
    kShape,      // a map as `shape` says
    kList,       // of parts[0]
    kMap,        // names of the file's own choice, to parts[0]
    kEither,     // any of parts
  };
  Kind kind = Kind::kAnything;
  std::uint64_t smallest = 0;  // of a count
  std::uint64_t largest = 0;
  std::vector<std::string> words;
  std::vector<ValueType> parts;
  const Shape* shape = nullptr;
};

[[nodiscard]] ValueType takes_anything();
[[nodiscard]] ValueType takes_text();
[[nodiscard]] ValueType takes_name();
[[nodiscard]] ValueType takes_duration();
[[nodiscard]] ValueType takes_count(std::uint64_t smallest, std::uint64_t largest);
[[nodiscard]] ValueType takes_flag();
[[nodiscard]] ValueType takes_condition();
[[nodiscard]] ValueType takes_word(std::vector<std::string> words);
[[nodiscard]] ValueType takes_shape(const Shape& shape);
[[nodiscard]] ValueType takes_list(ValueType item);
[[nodiscard]] ValueType takes_map(ValueType value);
[[nodiscard]] ValueType takes_either(std::vector<ValueType> types);

struct ShapeKey {
  enum class Need : std::uint8_t {
    kOptional,
    kRequired,
    kMain,  // exactly one of the shape's main keys must be there
  };
  std::string name;
  Need need = Need::kOptional;
  ValueType type;
  std::string doc;  // one line: what it does; and the default, where there is one
};

struct Shape {
  std::string id;     // "step": its name in the schema
  std::string title;  // begins messages: "a step"
  std::string doc;    // one line
  std::string example;
  std::vector<ShapeKey> keys;

  [[nodiscard]] std::vector<std::string> key_names() const;
  // The keys of which exactly one must be there; empty for most shapes.
  [[nodiscard]] std::vector<std::string> main_keys() const;
  [[nodiscard]] const ShapeKey* find(std::string_view name) const;
};

}  // namespace halfopen
