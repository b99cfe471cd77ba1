# Compiler flags, once. Everything links halfopen::options privately.
add_library(halfopen_options INTERFACE)
add_library(halfopen::options ALIAS halfopen_options)

set(HALFOPEN_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")

target_compile_options(
  halfopen_options
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wsign-conversion
            -Wold-style-cast
            -Wnon-virtual-dtor
            -Woverloaded-virtual
            -Wcast-align
            -Wformat=2
            -Wimplicit-fallthrough
            -Werror
            -fno-omit-frame-pointer)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(halfopen_options INTERFACE -Wduplicated-cond -Wlogical-op -Wuseless-cast)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # g++ 12 sees impossible overlaps in "literal" + std::string when it optimises (GCC PR 105329).
    target_compile_options(halfopen_options INTERFACE -Wno-restrict)
  endif()
endif()
target_include_directories(halfopen_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_definitions(
  halfopen_options INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION
                             HALFOPEN_VERSION="${PROJECT_VERSION}")

if(HALFOPEN_SANITIZE)
  target_compile_options(halfopen_options INTERFACE -fsanitize=${HALFOPEN_SANITIZE} -fno-sanitize-recover=all)
  target_link_options(halfopen_options INTERFACE -fsanitize=${HALFOPEN_SANITIZE})
  if(HALFOPEN_SANITIZE MATCHES "thread")
    # g++ 12 warns that TSan does not model atomic_thread_fence, which Asio's headers contain.
    target_compile_options(halfopen_options INTERFACE -Wno-tsan)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # The sanitizers' instrumentation makes g++ 12 see impossible paths in library headers.
    target_compile_options(halfopen_options INTERFACE -Wno-maybe-uninitialized -Wno-null-dereference
                                                      -Wno-stringop-overflow -Wno-array-bounds)
  endif()
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  # The sloppiness is what ccache's manual asks for where headers are precompiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_SLOPPINESS=pch_defines,time_macros "${CCACHE_PROGRAM}")
endif()
