// The page of harness/report/, embedded by its embed.cmake.
#pragma once

#include <string_view>

namespace halfopen::report_page {

extern const std::string_view kPage;         // page.html, with marks for what follows
extern const std::string_view kStyle;        // the plot library's and ours
extern const std::string_view kPlotLibrary;  // uPlot, as released
extern const std::string_view kScript;       // ours, in the order of embed.cmake

}  // namespace halfopen::report_page
