#include "harness/shell/conformance/junit.hpp"

#include <pugixml.hpp>
#include <sstream>

#include "base/printable_text.hpp"
#include "harness/model/conformance/table.hpp"

namespace halfopen::conformance {
namespace {

struct TestCounts {
  unsigned tests = 0;
  unsigned failures = 0;
  unsigned errors = 0;
  unsigned skipped = 0;
};

void put_outcome(pugi::xml_node testcase, const Case& test, const Comparison& comparison,
                 TestCounts& counts) {
  ++counts.tests;
  if (comparison.agreement == Agreement::kAgree) return;
  const char* element = "failure";
  if (comparison.is_internal) {
    element = "error";
    ++counts.errors;
  } else if (comparison.agreement == Agreement::kInconclusive) {
    element = "skipped";
    ++counts.skipped;
  } else {
    ++counts.failures;
  }
  pugi::xml_node outcome = testcase.append_child(element);
  outcome.append_attribute("message") =
      xml_text(comparison.reason.empty() ? "the worlds do not agree" : comparison.reason).c_str();
  outcome.text() = xml_text(case_table(test, comparison)).c_str();
}

}  // namespace

std::string junit_xml(const std::vector<CaseResults>& all) {
  pugi::xml_document document;
  pugi::xml_node suites = document.append_child("testsuites");
  suites.append_attribute("name") = "halfopen";
  pugi::xml_node suite = suites.append_child("testsuite");
  suite.append_attribute("name") = "conformance";
  TestCounts counts;
  for (const CaseResults& results : all) {
    for (std::size_t index = 0; index < results.repetitions.size(); ++index) {
      pugi::xml_node testcase = suite.append_child("testcase");
      testcase.append_attribute("classname") = ("conformance." + results.test->id).c_str();
      testcase.append_attribute("name") = ("repetition " + std::to_string(index + 1)).c_str();
      put_outcome(testcase, *results.test, results.repetitions[index], counts);
    }
  }
  for (pugi::xml_node node : {suites, suite}) {
    node.append_attribute("tests") = counts.tests;
    node.append_attribute("failures") = counts.failures;
    node.append_attribute("errors") = counts.errors;
    node.append_attribute("skipped") = counts.skipped;
  }
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

}  // namespace halfopen::conformance
