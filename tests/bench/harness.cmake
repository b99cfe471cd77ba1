add_executable(harness_bench harness_expression_bench.cpp)
target_link_libraries(harness_bench PRIVATE halfopen::model benchmark::benchmark_main
                                            halfopen::options)
set_target_properties(harness_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")
