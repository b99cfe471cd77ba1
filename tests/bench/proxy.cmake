add_executable(proxy_bench proxy_bench.cpp)
target_link_libraries(proxy_bench PRIVATE halfopen::proxy_shell benchmark::benchmark_main halfopen::options)
set_target_properties(proxy_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")
