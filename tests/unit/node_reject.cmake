halfopen_test(NAME node_reject_test LABEL unit SOURCES node_reject_test.cpp LIBRARIES halfopen::node_core halfopen::metrics)
