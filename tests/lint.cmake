# What no compiler checks, as tests of label lint: the rules of ci/lint.py, the proof that each of
# them can fail, the format of the sources, and whether the mutations of ci/mutate still apply.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME lint COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/ci/lint.py")
add_test(NAME lint_self_test COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/ci/lint_self_test.py")
# A patch that no longer applies protects nothing, and nobody would see it until the nightly run.
add_test(NAME mutations_apply COMMAND Python3::Interpreter "${PROJECT_SOURCE_DIR}/ci/mutate" --check)
set_tests_properties(lint lint_self_test mutations_apply PROPERTIES LABELS lint TIMEOUT 60)

find_program(CLANG_FORMAT_14 clang-format-14)
if(CLANG_FORMAT_14)
  add_test(NAME format COMMAND "${PROJECT_SOURCE_DIR}/ci/format" --check)
  set_tests_properties(format PROPERTIES LABELS lint TIMEOUT 60)
else()
  message(WARNING "clang-format-14 was not found: the sources' format is not tested")
endif()
