# Precompiled headers: a third of a clean build is the same few libraries, read once a file. Three
# sets, each owned by one target and used by those that are compiled with the same flags. Sources
# still include what they use: ci/check reads them without any of this.
#
# Only for g++: the fuzz preset's clang builds little, and would refuse the differing definitions.
set(HALFOPEN_STANDARD_HEADERS
    <algorithm>
    <array>
    <chrono>
    <cstdint>
    <functional>
    <map>
    <memory>
    <optional>
    <set>
    <string>
    <string_view>
    <utility>
    <variant>
    <vector>)

# halfopen_precompile(OWNER HEADERS ... [USERS targets]): OWNER's flags make the set.
function(halfopen_precompile owner)
  cmake_parse_arguments(PCH "" "" "HEADERS;USERS" ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_precompile_headers(${owner} PRIVATE ${HALFOPEN_STANDARD_HEADERS} ${PCH_HEADERS})
    # For ccache, which could not tell else what a precompiled header stands for.
    target_compile_options(${owner} PRIVATE -fpch-preprocess)
    halfopen_precompile_as(${owner} ${PCH_USERS})
  endif()
endfunction()

# halfopen_precompile_as(OWNER targets...): they use the set that OWNER has.
function(halfopen_precompile_as owner)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    foreach(user IN LISTS ARGN)
      target_precompile_headers(${user} REUSE_FROM ${owner})
      target_compile_options(${user} PRIVATE -fpch-preprocess)
    endforeach()
  endif()
endfunction()
