# Fuzz targets of the harness's parsers.
foreach(name IN ITEMS diagnose exposition expression packet yaml)
  halfopen_fuzz(NAME harness_${name}_fuzz SOURCES harness_${name}_fuzz.cpp LIBRARIES halfopen::model)
endforeach()
