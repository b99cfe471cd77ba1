# A run as a picture: what the HTML report draws.
target_sources(
  halfopen_model
  PRIVATE timeline/death_words.cpp timeline/deaths.cpp timeline/lanes.cpp timeline/plots.cpp timeline/scene.cpp
          timeline/timeline.cpp timeline/timeline_json.cpp
  PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES timeline/timeline.hpp
         timeline/timeline_parts.hpp)
