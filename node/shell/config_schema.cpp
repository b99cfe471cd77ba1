#include "node/shell/config_schema.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/duration_text.hpp"
#include "node/shell/config.hpp"

namespace halfopen::node {
namespace {

using boost::json::array;
using boost::json::object;
using boost::json::value;

// What parse_duration() takes; a bare 0 is a number to YAML.
constexpr std::string_view kDurationPattern = R"(^(0|([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h|d))+)$)";

// Writes down what is asked; the targets hold the defaults.
class SchemaFields final : public Fields {
 public:
  void text(const Key& key, std::string_view pattern, std::string& target) override {
    object& property = add(key, "string");
    if (!pattern.empty()) property["pattern"] = pattern;
    if (!target.empty()) property["default"] = target;
  }
  void choice(const Key& key, std::initializer_list<std::string_view> options,
              std::string& target) override {
    object& property = add(key, "string");
    array list;
    for (const std::string_view option : options)
      list.emplace_back(option);
    property["enum"] = std::move(list);
    property["default"] = target;
  }
  void flag(const Key& key, bool& target) override { add(key, "boolean")["default"] = target; }
  void whole_number(const Key& key, std::uint64_t min, std::uint64_t max,
                    std::uint64_t& target) override {
    object& property = add(key, "integer");
    property["minimum"] = min;
    property["maximum"] = max;
    property["default"] = target;
  }
  void duration(const Key& key, Duration unit, Duration min, Duration max,
                Duration& target) override {
    const std::string help = std::string(key.help) + " (" + format_duration(min) + " to " +
                             format_duration(max) +
                             (unit == std::chrono::seconds(1) ? ", whole seconds)" : ")");
    object& property = add({key.name, help}, "string");
    property["pattern"] = kDurationPattern;
    property["default"] = format_duration(target);
  }
  void mapping(const Key& key, const ReadInner& read) override {
    SchemaFields inner;
    read(inner);
    add_object(key, inner.take());
  }
  void list(const Key& key, const ReadInner& read) override {
    SchemaFields inner;
    read(inner);
    add(key, "array")["items"] = inner.take();
  }
  void require(std::string_view key) override { required_.emplace_back(key); }
  void require_one_of(std::initializer_list<std::string_view> keys, const std::string&) override {
    for (const std::string_view key : keys)
      one_of_.emplace_back(object{{"required", array{value(key)}}});
  }
  void complain(std::string_view, const std::string&) override {}

  [[nodiscard]] object take() {
    object schema{{"type", "object"}, {"additionalProperties", false}};
    if (!required_.empty()) schema["required"] = std::move(required_);
    if (!one_of_.empty()) schema["oneOf"] = std::move(one_of_);
    schema["properties"] = std::move(properties_);
    return schema;
  }

 private:
  object& add(const Key& key, std::string_view type) {
    properties_[key.name] = object{{"description", key.help}, {"type", type}};
    return properties_[key.name].get_object();
  }
  void add_object(const Key& key, object schema) {
    schema["description"] = key.help;
    properties_[key.name] = std::move(schema);
  }

  object properties_;
  array required_;
  array one_of_;
};

void print(const value& from, const std::string& indent, std::string& out) {
  const auto* inner = from.if_object();
  if (inner == nullptr || inner->empty()) {
    out += boost::json::serialize(from);
    return;
  }
  const std::string deeper = indent + "  ";
  const char* separator = "{\n";
  for (const auto& field : *inner) {
    out += separator + deeper + boost::json::serialize(field.key()) + ": ";
    print(field.value(), deeper, out);
    separator = ",\n";
  }
  out += "\n" + indent + "}";
}

}  // namespace

object config_schema() {
  SchemaFields fields;
  NodeConfig defaults;
  read_config(fields, defaults);
  object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                {"title", "vote-node's configuration"}};
  for (auto& field : fields.take())
    schema[field.key()] = field.value();
  return schema;
}

std::string config_schema_text() {
  std::string text;
  print(config_schema(), "", text);
  return text + "\n";
}

}  // namespace halfopen::node
