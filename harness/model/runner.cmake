# What the runner decides: which runs, in which order, and what the kernel said.
target_sources(
  halfopen_model
  PRIVATE glob.cpp kernel_word.cpp run_queue.cpp selection.cpp
  PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES glob.hpp kernel_word.hpp
         run_queue.hpp selection.hpp)
