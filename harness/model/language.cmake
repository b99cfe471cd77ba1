# The scenario language as data, and what is made from it.
target_sources(
  halfopen_model
  PRIVATE shape.cpp shape_expectations.cpp
  PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES shape.hpp shape_parts.hpp)
