add_library(node_store_support STATIC node_store_support.cpp node_store_support.hpp)
target_link_libraries(node_store_support PUBLIC halfopen::node_store PRIVATE halfopen::options)

halfopen_test(
  NAME node_store_test
  LABEL unit
  SOURCES node_store_contract_test.cpp node_store_file_test.cpp node_store_retention_test.cpp
          node_store_kill_test.cpp node_store_full_disk_test.cpp
          node_store_refusal_test.cpp node_store_sync_test.cpp node_group_commit_test.cpp
  LIBRARIES node_store_support halfopen::metrics halfopen::test_support)
