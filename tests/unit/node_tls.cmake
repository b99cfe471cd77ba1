halfopen_test(
  NAME node_tls_test
  LABEL unit
  SOURCES node_key_file_test.cpp node_tls_session_test.cpp node_tls_stranger_test.cpp
          node_tls_pair.hpp
  LIBRARIES halfopen::node_tls OpenSSL::SSL Boost::json)
