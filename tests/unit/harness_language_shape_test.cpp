// Shapes, the binder and the schema must not part: what a shape knows is read by the binder and
// stands in the schema.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "harness/model/fault_types.hpp"
#include "harness/model/schema.hpp"
#include "harness/model/shape_parts.hpp"
#include "tests/unit/harness_model_fixture.hpp"

namespace halfopen {
namespace {

using Need = ShapeKey::Need;
using Kind = ValueType::Kind;

std::string flow(const Document& document) {
  std::string text;
  switch (document.kind) {
    case Document::Kind::kNull:
      return "";
    case Document::Kind::kScalar:
      return document.quoted ? "'" + document.scalar + "'" : document.scalar;
    case Document::Kind::kSequence:
      for (const Document& item : document.items)
        text += (text.empty() ? "" : ", ") + flow(item);
      return "[" + text + "]";
    case Document::Kind::kMap:
      for (const DocumentEntry& entry : document.entries)
        text += (text.empty() ? "" : ", ") + entry.key + ": " + flow(entry.value);
      return "{" + text + "}";
  }
  return text;
}

// The shape's own example, but `key` has a value of the wrong kind, on a line of its own.
std::string with_wrong(const Shape& shape, const ShapeKey& key) {
  Document example = *parse_yaml(shape.example, "example");
  std::erase_if(example.entries, [&](const DocumentEntry& entry) {
    const ShapeKey* other = shape.find(entry.key);
    const bool both_main = key.need == Need::kMain && other->need == Need::kMain;
    return entry.key == key.name || both_main;
  });
  std::string text = flow(example);
  text.pop_back();
  const bool takes_many =
      key.type.kind == Kind::kList || key.type.kind == Kind::kMap || key.type.kind == Kind::kShape;
  return text + (example.entries.empty() ? "" : ",") + "\n   " + key.name + ":\n   " +
         (takes_many ? "wrong" : "[[wrong]]") + "}";
}

// Whether a value of this type has the shape, itself or as an item or a value; `instance` is then
// wrapped as it must be.
bool leads_to(const ValueType& type, const Shape& shape, std::string& instance) {
  if (type.shape == &shape) return true;
  for (const ValueType& part : type.parts) {
    if (!leads_to(part, shape, instance)) continue;
    if (type.kind == Kind::kList) instance = "[" + instance + "]";
    if (type.kind == Kind::kMap) instance = "{x: " + instance + "}";
    return true;
  }
  return false;
}

// The parent's example with `key: value`.
std::string with_child(const Shape& parent, const ShapeKey& key, const std::string& value) {
  Document example = *parse_yaml(parent.example, "example");
  bool has_main = key.need == Need::kMain;
  std::erase_if(example.entries, [&](const DocumentEntry& entry) {
    const Need need = parent.find(entry.key)->need;
    const bool is_second_main = need == Need::kMain && has_main;
    has_main = has_main || need == Need::kMain;
    // "during" beside "since" is no window.
    return entry.key == key.name || is_second_main || entry.key == "during";
  });
  std::string text = flow(example);
  text.pop_back();
  return text + (example.entries.empty() ? "" : ", ") + key.name + ": " + value + "}";
}

// What a file that holds these parts consists of otherwise.
struct Parts {
  std::string n1 = "{preset: naive}";
  std::string link = "{between: [n1, n2]}";
  std::string steps = "  - {id: quiet, idle_for: 5s}\n  - {id: vote, cast: {node: n1}}\n";
  std::string expect = "  - {id: mapped, never: 'a > 0'}\n";
  std::string controls = "  - {id: c, set: {/nodes/n1/preset: resilient}, must_fail: [mapped]}\n";
  std::string rest;

  [[nodiscard]] std::string text() const {
    return "name: x\nclaim: x\nvars: {nat: 3s}\nnodes:\n  n1: " + n1 + "\n  n2: {}\nlinks:\n  - " +
           link + "\nsteps:\n" + steps + "expect:\n" + expect + rest + "controls:\n" + controls;
  }
};

std::string file_with(const Shape& shape, const std::string& instance);

// A parent that the file leads to, with the instance in it.
std::string file_with_parent(const Shape& shape, const std::string& instance) {
  for (const Shape* parent : all_shapes()) {
    for (const ShapeKey& key : parent->keys) {
      std::string value = instance;
      if (leads_to(key.type, shape, value))
        return file_with(*parent, with_child(*parent, key, value));
    }
  }
  ADD_FAILURE() << "nothing leads to " << shape.id;
  return instance;
}

// A file in which `instance` stands where the shape belongs.
std::string file_with(const Shape& shape, const std::string& instance) {
  Parts parts;
  if (&shape == &node_shape()) {
    parts.n1 = instance;
  } else if (&shape == &link_shape()) {
    parts.link = instance;
  } else if (&shape == &step_shape()) {
    parts.steps += "  - " + instance + "\n";
  } else if (&shape == &expectation_shape()) {
    parts.expect = "  - " + instance + "\n";
  } else if (&shape == &control_shape()) {
    parts.controls += "  - " + instance + "\n";
  } else if (&shape == &steady_state_shape()) {
    parts.rest = "steady_state: " + instance + "\n";
  } else if (&shape == &liveness_shape()) {
    parts.rest = "liveness: " + instance + "\n";
  } else if (&shape == &axis_value_shape()) {
    parts.rest = "matrix: {cause: {a: " + instance + "}}\n";
  } else if (&shape == &report_shape()) {
    parts.rest = "matrix: {cause: {a: {}}, defence: {none: {}}}\nreport: " + instance + "\n";
    parts.controls =
        "  - {id: c, cell: {cause: a, defence: none}, set: {/nodes/n1/preset: "
        "resilient}, must_fail: [mapped]}\n";
  } else if (&shape != &file_shape()) {
    return file_with_parent(shape, instance);
  }
  return parts.text();
}

TEST(Shapes, TheBinderReadsEveryKey) {
  std::size_t keys = 0;
  for (const Shape* shape : all_shapes()) {
    if (shape == &file_shape()) continue;
    for (const ShapeKey& key : shape->keys) {
      if (key.type.kind == Kind::kAnything) continue;
      ++keys;
      const std::string text = file_with(*shape, with_wrong(*shape, key));
      const std::string message = test::message_for(text);
      ASSERT_NE(text.find("wrong"), std::string::npos) << shape->id;
      const auto before = static_cast<std::size_t>(std::count(
          text.begin(), text.begin() + static_cast<std::ptrdiff_t>(text.find("wrong")), '\n'));
      const std::string at_key = "lab/a.yaml:" + std::to_string(before) + ":";
      const std::string at_value = "lab/a.yaml:" + std::to_string(before + 1) + ":";
      EXPECT_TRUE(message.starts_with(at_key) || message.starts_with(at_value))
          << shape->id << "." << key.name << ": " << message << "\n"
          << text;
    }
  }
  EXPECT_GT(keys, 120U);
}

TEST(Shapes, TheBinderReadsEveryKeyOfTheFile) {
  for (const ShapeKey& key : file_shape().keys) {
    const bool takes_many = key.type.kind == Kind::kList || key.type.kind == Kind::kMap ||
                            key.type.kind == Kind::kShape;
    std::string text = file_with(file_shape(), "");
    if (const auto at = text.find("\n" + key.name + ":"); at != std::string::npos) {
      text.replace(at + 1, key.name.size(), "was-" + key.name);
      // Its old value goes with it.
      const auto end = text.find_first_of("\n", at + 1);
      auto next = end;
      while (next != std::string::npos && next + 1 < text.size() && text[next + 1] == ' ')
        next = text.find('\n', next + 1);
      text.erase(at + 1, next - at);
    } else if (key.name == "name") {
      text.erase(0, text.find('\n') + 1);
    }
    text += key.name + ":\n  " + (takes_many ? "wrong" : "[[wrong]]") + "\n";
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
    const std::string message = test::message_for(text);
    EXPECT_TRUE(message.starts_with("lab/a.yaml:" + std::to_string(lines) + ":"))
        << key.name << ": " << message << "\n"
        << text;
  }
}

TEST(Shapes, EachHasANameOfItsOwnAndALineForEachKey) {
  std::set<std::string> ids;
  for (const Shape* shape : all_shapes()) {
    EXPECT_TRUE(ids.insert(shape->id).second) << shape->id;
    std::set<std::string> names;
    for (const ShapeKey& key : shape->keys) {
      EXPECT_TRUE(names.insert(key.name).second) << shape->id << "." << key.name;
      EXPECT_FALSE(key.doc.empty()) << shape->id << "." << key.name;
      EXPECT_EQ(key.doc.find('\n'), std::string::npos) << shape->id << "." << key.name;
    }
  }
}

TEST(Schema, HasEveryKeyOfEveryShapeWithItsLine) {
  const boost::json::object schema = scenario_schema();
  for (const Shape* shape : all_shapes()) {
    const auto& map =
        shape == &file_shape() ? schema : schema.at("$defs").as_object().at(shape->id).as_object();
    const auto& properties = map.at("properties").as_object();
    EXPECT_EQ(properties.size(), shape->keys.size()) << shape->id;
    for (const ShapeKey& key : shape->keys) {
      EXPECT_EQ(properties.at(key.name).as_object().at("description").as_string(), key.doc);
    }
    EXPECT_FALSE(map.at("additionalProperties").as_bool()) << shape->id;
  }
}

TEST(Schema, PrintsWhatItIs) {
  EXPECT_EQ(boost::json::parse(scenario_schema_text()), boost::json::value(scenario_schema()));
}

TEST(FaultWords, ThoseOfOtherToolsAreNoneOfOurs) {
  for (const std::string& type : fault_types())
    EXPECT_EQ(fault_in_our_words(type), "") << type;
  EXPECT_NE(fault_in_our_words("idle_close").find("on_expiry: fin_both"), std::string::npos);
  EXPECT_NE(fault_in_our_words("tcp-reset"), "");
  EXPECT_EQ(fault_in_our_words("nta"), "");
}

}  // namespace
}  // namespace halfopen
