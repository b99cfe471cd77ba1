#include "harness/shell/report/junit.hpp"

#include <pugixml.hpp>
#include <sstream>

#include "base/printable_text.hpp"

namespace halfopen {
namespace {

struct Counts {
  unsigned tests = 0;
  unsigned failures = 0;
  unsigned errors = 0;
  unsigned skipped = 0;
};

void put_outcome(pugi::xml_node testcase, Verdict verdict, const std::string& message,
                 const std::string& details, bool is_error, Counts& counts) {
  ++counts.tests;
  if (is_error) {
    ++counts.errors;
  } else if (verdict == Verdict::kFail) {
    ++counts.failures;
  } else if (verdict == Verdict::kInconclusive) {
    ++counts.skipped;
  } else {
    return;
  }
  const char* element = is_error ? "error" : verdict == Verdict::kFail ? "failure" : "skipped";
  pugi::xml_node outcome = testcase.append_child(element);
  outcome.append_attribute("message") = xml_text(message).c_str();
  if (!details.empty()) outcome.text() = xml_text(details).c_str();
}

void put_run(pugi::xml_node suite, const RunResult& run, Counts& counts) {
  bool is_first = true;
  const auto add = [&](const std::string& name) {
    pugi::xml_node testcase = suite.append_child("testcase");
    testcase.append_attribute("classname") = xml_text(full_name(run)).c_str();
    testcase.append_attribute("name") = xml_text(name).c_str();
    // Of a run's testcases the first has all of its time, so that their sum is the suite's.
    testcase.append_attribute("time") = is_first ? run.seconds : 0.0;
    is_first = false;
    return testcase;
  };
  for (const ExpectationResult& expectation : run.expectations) {
    std::string details = run.headline.empty() ? "" : run.headline + "\n";
    details += "expected: " + expectation.expected + "\nseen: " + expectation.seen;
    for (const std::string& line : expectation.evidence)
      details += "\n" + line;
    if (!run.again.empty()) details += "\nagain: " + run.again;
    // The verdicts of a run that stalled, or whose fault did not bite, mean nothing.
    const bool means_nothing = run.verdict == Verdict::kInconclusive && !run.reason.empty();
    const Verdict verdict = means_nothing ? Verdict::kInconclusive : expectation.verdict;
    const std::string message = means_nothing ? run.reason : expectation.seen;
    put_outcome(add(expectation.id), verdict, message, details, false, counts);
  }
  if (run.expectations.empty() || run.internal_error || run.bad_input) {
    put_outcome(add("run"), run.verdict, run.reason, "", run.internal_error || run.bad_input,
                counts);
  }
}

void put_counts(pugi::xml_node node, const Counts& counts) {
  node.append_attribute("tests") = counts.tests;
  node.append_attribute("failures") = counts.failures;
  node.append_attribute("errors") = counts.errors;
  node.append_attribute("skipped") = counts.skipped;
}

}  // namespace

std::string junit_xml(const std::vector<PlanResults>& all) {
  pugi::xml_document document;
  pugi::xml_node suites = document.append_child("testsuites");
  suites.append_attribute("name") = "halfopen";
  Counts total;
  for (const PlanResults& results : all) {
    pugi::xml_node suite = suites.append_child("testsuite");
    suite.append_attribute("name") = xml_text(results.plan->name).c_str();
    suite.append_attribute("file") = xml_text(results.plan->file).c_str();
    Counts counts;
    double seconds = 0;
    for (const RunResult& run : results.runs) {
      put_run(suite, run, counts);
      seconds += run.seconds;
    }
    put_counts(suite, counts);
    suite.append_attribute("time") = seconds;
    total.tests += counts.tests;
    total.failures += counts.failures;
    total.errors += counts.errors;
    total.skipped += counts.skipped;
  }
  put_counts(suites, total);
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

}  // namespace halfopen
