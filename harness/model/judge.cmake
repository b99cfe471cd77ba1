# Expressions, samples, judgement, death stories and diagnosis, added to the target that this
# folder's CMakeLists.txt makes.
target_sources(
  halfopen_model
  PRIVATE expression/label_pattern.cpp
          expression/lexer.cpp
          expression/parser.cpp
  PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES
         expression/expression.hpp
         expression/evaluate.hpp
         expression/label_pattern.hpp
         expression/lexer.hpp
         expression/syntax.hpp
         death_story.hpp
         diagnosis.hpp
         judge.hpp
         record.hpp
         series.hpp
         verdict.hpp)
