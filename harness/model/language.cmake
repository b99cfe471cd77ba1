# The scenario language as data, and what is made from it.
target_sources(
  halfopen_model
  PRIVATE bind_liveness.cpp
          expression_rules.cpp
          fault_words.cpp
          plan_summary.cpp
          scenario_format.cpp
          schema.cpp
          shape.cpp
          shape_check.cpp
          shape_expectations.cpp
          shape_faults.cpp
          shape_file.cpp
          shape_nodes.cpp
          shape_steps.cpp
          transition_reasons.cpp
          yaml_hints.cpp
          yaml_unclosed.cpp
  PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES expression_rules.hpp plan_summary.hpp scenario_format.hpp schema.hpp shape.hpp
         shape_check.hpp shape_parts.hpp transition_reasons.hpp yaml_hints.hpp
         yaml_unclosed.hpp)
