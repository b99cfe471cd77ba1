add_executable(node_bench node_bench.cpp)
target_link_libraries(node_bench PRIVATE halfopen::node_core node_simulation benchmark::benchmark halfopen::options)
set_target_properties(node_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")

add_executable(node_store_bench node_store_bench.cpp)
target_link_libraries(node_store_bench PRIVATE halfopen::node_store benchmark::benchmark halfopen::options)
set_target_properties(node_store_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")
