# report.html: the page of harness/report/ is put into the program, so that a report needs no file
# but halfopen itself.
set(page "${PROJECT_SOURCE_DIR}/harness/report")
set(page_files
    page.html
    vendor/uPlot.min.css
    report.css
    vendor/uPlot.iife.min.js
    basics.js
    view.js
    lanes.js
    plots.js
    run.js
    overview.js
    main.js)
list(TRANSFORM page_files PREPEND "${page}/")
set(page_source "${CMAKE_CURRENT_BINARY_DIR}/report_page.cpp")
add_custom_command(
  OUTPUT "${page_source}"
  COMMAND "${CMAKE_COMMAND}" "-DPAGE=${page}" "-DOUT=${page_source}" -P "${page}/embed.cmake"
  DEPENDS ${page_files} "${page}/embed.cmake"
  COMMENT "Embedding the report's page"
  VERBATIM)
target_sources(
  halfopen_shell
  PRIVATE report/html.cpp "${page_source}"
  PUBLIC FILE_SET HEADERS BASE_DIRS "${PROJECT_SOURCE_DIR}" FILES report/html.hpp report/page.hpp)
set_source_files_properties("${page_source}" PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
