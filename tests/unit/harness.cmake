include("${CMAKE_CURRENT_LIST_DIR}/harness_judge.cmake" OPTIONAL)
