# The regression library, as anybody would run it: every scenario with its controls, and in the kernel
# world those whose tags say that Linux's own NAT can play them. Runs mostly wait, so many of them
# share the machine; no other test does, since their own heartbeat would complain.
add_test(NAME smoke.regression
         COMMAND halfopen run "${PROJECT_SOURCE_DIR}/scenarios/regression" --jobs 32 --out
                 "${CMAKE_BINARY_DIR}/runs/regression" --junit
                 "${CMAKE_BINARY_DIR}/runs/regression.xml")
file(GLOB scenarios CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/scenarios/regression/*.yaml")
set(kernel_scenarios "")
foreach(scenario IN LISTS scenarios)
  file(STRINGS "${scenario}" tags REGEX "^(# )?tags:.*kernel")
  if(tags)
    list(APPEND kernel_scenarios "${scenario}")
  endif()
endforeach()
add_test(NAME smoke.kernel_regression
         COMMAND halfopen run --world kernel ${kernel_scenarios} --jobs 12 --out
                 "${CMAKE_BINARY_DIR}/runs/kernel-regression")
