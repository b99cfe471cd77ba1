# cmake -DPAGE=harness/report -DOUT=report_page.cpp -P embed.cmake
# The page's files as arrays of bytes: no escape to get wrong, no limit on a literal's length.
cmake_minimum_required(VERSION 3.25)

function(append_bytes name)
  set(bytes "")
  foreach(file ${ARGN})
    file(READ "${PAGE}/${file}" hex HEX)
    string(APPEND bytes "${hex}0a")
  endforeach()
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  file(APPEND "${OUT}"
       "constexpr char k${name}Bytes[] = {\n${bytes}};\n"
       "const std::string_view k${name}(k${name}Bytes, ${size});\n")
endfunction()

file(WRITE "${OUT}" "// Made by harness/report/embed.cmake.\n#include \"harness/shell/report/page.hpp\"\n\n"
     "namespace halfopen::report_page {\n")
append_bytes(Page page.html)
append_bytes(Style vendor/uPlot.min.css report.css)
append_bytes(PlotLibrary vendor/uPlot.iife.min.js)
append_bytes(Script basics.js view.js lanes.js plots.js run.js overview.js main.js)
file(APPEND "${OUT}" "}  // namespace halfopen::report_page\n")
