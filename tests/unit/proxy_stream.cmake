find_package(rapidcheck REQUIRED)
halfopen_test(
  NAME proxy_stream_test
  LABEL unit
  SOURCES proxy_stream_attributes_test.cpp
          proxy_stream_bytes_test.cpp
          proxy_stream_delay_test.cpp
          proxy_stream_end_test.cpp
          proxy_stream_property_test.cpp
  LIBRARIES halfopen::fault_core rapidcheck)
