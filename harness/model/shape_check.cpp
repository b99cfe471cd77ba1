#include "harness/model/shape_check.hpp"

#include "harness/model/bind_fields.hpp"

namespace halfopen {
namespace {

// Where a value is: "keepalive.idle" of "node n1".
struct Place {
  std::string path;
  std::string whole;
  [[nodiscard]] std::string text() const {
    return path.empty() ? whole : path + (whole.empty() ? "" : " of " + whole);
  }
  [[nodiscard]] Place below(const std::string& key) const {
    return {path.empty() ? key : path + "." + key, whole};
  }
};

Result<void> check_map_of(const Document& document, const Shape& shape, const Place& place);

Result<void> check_value(const Document& value, const ValueType& type, const Place& place) {
  const std::string what = place.text();
  switch (type.kind) {
    case ValueType::Kind::kAnything:
    case ValueType::Kind::kEither:
      return {};
    case ValueType::Kind::kText:
    case ValueType::Kind::kCondition:
      HALFOPEN_CHECK(read_text(value, what));
      return {};
    case ValueType::Kind::kName:
      HALFOPEN_CHECK(read_id(value, what));
      return {};
    case ValueType::Kind::kDuration:
      HALFOPEN_CHECK(read_duration(value, what));
      return {};
    case ValueType::Kind::kCount:
      HALFOPEN_CHECK(read_number(value, what, type.smallest, type.largest));
      return {};
    case ValueType::Kind::kFlag:
      HALFOPEN_CHECK(read_flag(value, what));
      return {};
    case ValueType::Kind::kWord:
      HALFOPEN_CHECK(read_word(value, "value of " + place.path, type.words));
      return {};
    case ValueType::Kind::kShape:
      return check_map_of(value, *type.shape, place);
    case ValueType::Kind::kList:
      HALFOPEN_CHECK(check_list(value, what));
      for (const Document& item : value.items)
        HALFOPEN_CHECK(check_value(item, type.parts[0], {"an item of " + what, ""}));
      return {};
    case ValueType::Kind::kMap:
      HALFOPEN_CHECK(check_map(value, what));
      for (const DocumentEntry& entry : value.entries) {
        HALFOPEN_CHECK(check_value(entry.value, type.parts[0], place.below(entry.key)));
      }
      return {};
  }
  return {};
}

Result<void> check_map_of(const Document& document, const Shape& shape, const Place& place) {
  HALFOPEN_TRY(fields, Fields::of(document, shape, place.text()));
  for (const ShapeKey& key : shape.keys) {
    if (key.need == ShapeKey::Need::kRequired) HALFOPEN_CHECK(fields.need(key.name));
  }
  for (const DocumentEntry& entry : document.entries) {
    HALFOPEN_CHECK(check_value(entry.value, shape.find(entry.key)->type, place.below(entry.key)));
  }
  return {};
}

}  // namespace

Result<void> check_shape(const Document& document, const Shape& shape, const std::string& what) {
  return check_map_of(document, shape, {"", what});
}

}  // namespace halfopen
