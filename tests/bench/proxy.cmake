add_executable(proxy_bench proxy_bench.cpp)
target_link_libraries(proxy_bench PRIVATE halfopen::proxy_shell benchmark::benchmark_main halfopen::options)
set_target_properties(proxy_bench PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")

# The loads of ci/bench proxy.
add_executable(
  proxy_load
  load/main.cpp
  load/sockets.cpp
  load/crowd.cpp
  load/throughput.cpp
  load/ping_pong.cpp
  load/connects.cpp
  load/hold.cpp
  load/nat.cpp
  load/votes.cpp
  load/delayer.cpp)
target_link_libraries(proxy_load PRIVATE halfopen::base halfopen::options)
set_target_properties(proxy_load PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bench")
