halfopen_test(
  NAME node_tls_test
  LABEL unit
  SOURCES node_key_file_test.cpp node_tls_session_test.cpp node_tls_stranger_test.cpp
          node_tls_pair.hpp node_stranger_limit_test.cpp
  LIBRARIES halfopen::node_tls OpenSSL::SSL Boost::json)

halfopen_test(
  NAME node_tls_allocation_test
  LABEL unit
  SOURCES node_tls_allocation_test.cpp node_tls_pair.hpp
  LIBRARIES halfopen::node_tls OpenSSL::SSL Boost::json)
