#include "harness/model/shape.hpp"

#include <utility>

namespace halfopen {
namespace {

ValueType of_kind(ValueType::Kind kind) {
  ValueType type;
  type.kind = kind;
  return type;
}

}  // namespace

ValueType takes_anything() {
  return of_kind(ValueType::Kind::kAnything);
}

ValueType takes_text() {
  return of_kind(ValueType::Kind::kText);
}

ValueType takes_name() {
  return of_kind(ValueType::Kind::kName);
}

ValueType takes_duration() {
  return of_kind(ValueType::Kind::kDuration);
}

ValueType takes_count(std::uint64_t smallest, std::uint64_t largest) {
  ValueType type = of_kind(ValueType::Kind::kCount);
  type.smallest = smallest;
  type.largest = largest;
  return type;
}

ValueType takes_flag() {
  return of_kind(ValueType::Kind::kFlag);
}

ValueType takes_condition() {
  return of_kind(ValueType::Kind::kCondition);
}

ValueType takes_word(std::vector<std::string> words) {
  ValueType type = of_kind(ValueType::Kind::kWord);
  type.words = std::move(words);
  return type;
}

ValueType takes_shape(const Shape& shape) {
  ValueType type = of_kind(ValueType::Kind::kShape);
  type.shape = &shape;
  return type;
}

ValueType takes_list(ValueType item) {
  ValueType type = of_kind(ValueType::Kind::kList);
  type.parts.push_back(std::move(item));
  return type;
}

ValueType takes_map(ValueType value) {
  ValueType type = of_kind(ValueType::Kind::kMap);
  type.parts.push_back(std::move(value));
  return type;
}

ValueType takes_either(std::vector<ValueType> types) {
  ValueType type = of_kind(ValueType::Kind::kEither);
  type.parts = std::move(types);
  return type;
}

std::vector<std::string> Shape::key_names() const {
  std::vector<std::string> names;
  for (const ShapeKey& key : keys)
    names.push_back(key.name);
  return names;
}

std::vector<std::string> Shape::main_keys() const {
  std::vector<std::string> names;
  for (const ShapeKey& key : keys) {
    if (key.need == ShapeKey::Need::kMain) names.push_back(key.name);
  }
  return names;
}

const ShapeKey* Shape::find(std::string_view name) const {
  for (const ShapeKey& key : keys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

}  // namespace halfopen
