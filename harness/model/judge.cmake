# Expressions, samples, judgement, death stories and diagnosis, added to the target that this
# folder's CMakeLists.txt makes.
target_sources(
  halfopen_model
  PRIVATE expression/binary_operation.cpp
          expression/evaluate.cpp
          expression/evaluator.cpp
          expression/label_pattern.cpp
          expression/lexer.cpp
          expression/parser.cpp
          expression/range_functions.cpp
          judge.cpp
          judge_conditions.cpp
          judge_events.cpp
          judge_evidence.cpp
          judge_trust.cpp
          judge_votes.cpp
          judge_wall.cpp
          judge_window.cpp
          record.cpp
          series.cpp
          series_exposition.cpp
          verdict.cpp
  PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES
         expression/binary_operation.hpp
         expression/evaluate.hpp
         expression/evaluator.hpp
         expression/expression.hpp
         expression/label_pattern.hpp
         expression/lexer.hpp
         expression/range_functions.hpp
         expression/syntax.hpp
         death_story.hpp
         diagnosis.hpp
         judge.hpp
         judge_conditions.hpp
         judge_events.hpp
         judge_evidence.hpp
         judge_votes.hpp
         judge_wall.hpp
         judge_window.hpp
         record.hpp
         series.hpp
         verdict.hpp)
