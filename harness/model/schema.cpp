#include "harness/model/schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "harness/model/shape_parts.hpp"

namespace halfopen {
namespace {

namespace json = boost::json;

// A text with ${...} in it stands for whatever the variable gives.
constexpr const char* kWithVariable = "\\$\\{";
constexpr const char* kName = "^[a-z0-9][a-z0-9_-]{0,63}$|\\$\\{";
constexpr const char* kDuration = "^(0|([0-9]+(\\.[0-9]+)?(ns|us|ms|s|m|h|d))+)$|\\$\\{";
constexpr const char* kWholeNumber = "^[0-9]+$|\\$\\{";

json::object variable_text() {
  return {{"type", "string"}, {"pattern", kWithVariable}};
}

json::object reference(const Shape& shape) {
  return {{"$ref", "#/$defs/" + shape.id}};
}

json::object schema_of(const ValueType& type);

json::object any_of(json::array alternatives) {
  return {{"anyOf", std::move(alternatives)}};
}

json::array texts(const std::vector<std::string>& all) {
  json::array array;
  for (const std::string& text : all)
    array.emplace_back(text);
  return array;
}

json::object schema_of_scalar(const ValueType& type) {
  switch (type.kind) {
    case ValueType::Kind::kName:
      return {{"type", {"string", "integer"}}, {"pattern", kName}};
    case ValueType::Kind::kDuration:
      // A bare 0 is a duration, and the only number that is one.
      return any_of(
          {json::object{{"type", "string"}, {"pattern", kDuration}}, json::object{{"const", 0}}});
    case ValueType::Kind::kCount:
      return any_of(
          {json::object{{"type", "integer"}, {"minimum", type.smallest}, {"maximum", type.largest}},
           json::object{{"type", "string"}, {"pattern", kWholeNumber}}});
    case ValueType::Kind::kFlag:
      return any_of({json::object{{"type", "boolean"}}, variable_text()});
    case ValueType::Kind::kCondition:
      return {{"type", "string"}, {"minLength", 1}};
    case ValueType::Kind::kWord:
      return any_of({json::object{{"enum", texts(type.words)}}, variable_text()});
    default:
      return {{"type", {"string", "number", "boolean"}}};
  }
}

json::object schema_of(const ValueType& type) {
  switch (type.kind) {
    case ValueType::Kind::kAnything:
      return {};
    case ValueType::Kind::kShape:
      return reference(*type.shape);
    case ValueType::Kind::kList:
      return {{"type", "array"}, {"items", schema_of(type.parts[0])}};
    case ValueType::Kind::kMap:
      return {{"type", "object"}, {"additionalProperties", schema_of(type.parts[0])}};
    case ValueType::Kind::kEither: {
      json::array alternatives;
      for (const ValueType& part : type.parts)
        alternatives.push_back(schema_of(part));
      return any_of(std::move(alternatives));
    }
    default:
      return schema_of_scalar(type);
  }
}

json::object schema_of(const Shape& shape) {
  json::object properties;
  json::array required;
  json::array one_of;
  for (const ShapeKey& key : shape.keys) {
    json::object property = schema_of(key.type);
    property["description"] = key.doc;
    properties[key.name] = std::move(property);
    if (key.need == ShapeKey::Need::kRequired) required.emplace_back(key.name);
    if (key.need == ShapeKey::Need::kMain) {
      one_of.push_back(json::object{{"required", json::array{key.name}}});
    }
  }
  json::object schema{{"type", "object"},
                      {"description", shape.doc + ". Example: " + shape.example},
                      {"properties", std::move(properties)},
                      {"additionalProperties", false}};
  if (!required.empty()) schema["required"] = std::move(required);
  if (!one_of.empty()) schema["oneOf"] = std::move(one_of);
  return schema;
}

void write(const json::value& value, const std::string& indent, std::string& text) {
  const std::string deeper = indent + "  ";
  const char* separator = "\n";
  if (value.is_object() && !value.get_object().empty()) {
    text += '{';
    for (const auto& [key, inner] : value.get_object()) {
      text += separator + deeper + json::serialize(json::value(key)) + ": ";
      write(inner, deeper, text);
      separator = ",\n";
    }
    text += "\n" + indent + "}";
  } else if (value.is_array() && !value.get_array().empty()) {
    text += '[';
    for (const json::value& inner : value.get_array()) {
      text += separator + deeper;
      write(inner, deeper, text);
      separator = ",\n";
    }
    text += "\n" + indent + "]";
  } else {
    text += json::serialize(value);
  }
}

}  // namespace

json::object scenario_schema() {
  json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                      {"title", "a scenario of halfopen"}};
  for (auto& [key, value] : schema_of(file_shape()))
    schema[key] = value;
  json::object definitions;
  for (const Shape* shape : all_shapes()) {
    if (shape != &file_shape()) definitions[shape->id] = schema_of(*shape);
  }
  schema["$defs"] = std::move(definitions);
  return schema;
}

std::string scenario_schema_text() {
  std::string text;
  write(scenario_schema(), "", text);
  return text + "\n";
}

}  // namespace halfopen
