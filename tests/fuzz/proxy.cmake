# Fuzz targets of the proxy's parsers.
halfopen_fuzz(NAME proxy_attributes_fuzz SOURCES proxy_attributes_fuzz.cpp
              LIBRARIES halfopen::fault_core)
