# Fuzz targets of the harness's parsers.
halfopen_fuzz(NAME harness_diagnose_fuzz SOURCES harness_diagnose_fuzz.cpp LIBRARIES halfopen::model)
halfopen_fuzz(NAME harness_exposition_fuzz SOURCES harness_exposition_fuzz.cpp
              LIBRARIES halfopen::model)
halfopen_fuzz(NAME harness_expression_fuzz SOURCES harness_expression_fuzz.cpp
              LIBRARIES halfopen::model)
halfopen_fuzz(NAME harness_packet_fuzz SOURCES harness_packet_fuzz.cpp LIBRARIES halfopen::model)
halfopen_fuzz(NAME harness_yaml_fuzz SOURCES harness_yaml_fuzz.cpp LIBRARIES halfopen::model)
