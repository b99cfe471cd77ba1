#include "metrics/process_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "metrics/clock.hpp"

namespace halfopen {
namespace {

double seconds_of(const timeval& time) {
  constexpr double kMicrosecondsASecond = 1e6;
  return static_cast<double>(time.tv_sec) +
         static_cast<double>(time.tv_usec) / kMicrosecondsASecond;
}

}  // namespace

ProcessMetrics::ProcessMetrics(MetricSet& set)
    : cpu_seconds_(set.counter(metric::kProcessCpu)),
      resident_bytes_(set.gauge(metric::kProcessResident)),
      virtual_bytes_(set.gauge(metric::kProcessVirtual)),
      descriptors_(set.gauge(metric::kProcessDescriptors)),
      descriptors_max_(set.gauge(metric::kProcessDescriptorsMax)) {
  // Of this object, which is made when the program starts.
  set.gauge(metric::kProcessStart).Set(wall_seconds());
  refresh();
}

void ProcessMetrics::refresh() {
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0) {
    const double now = seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
    cpu_seconds_.Increment(now - cpu_seconds_.Value());
  }
  // proc_pid_statm(5): the program's size and what of it is in memory, in pages.
  std::ifstream file("/proc/self/statm");
  double size_pages = 0;
  double resident_pages = 0;
  if (file >> size_pages >> resident_pages) {
    const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
    virtual_bytes_.Set(size_pages * page_bytes);
    resident_bytes_.Set(resident_pages * page_bytes);
  }
  std::error_code error;
  double descriptors = 0;
  for (auto entry = std::filesystem::directory_iterator("/proc/self/fd", error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    ++descriptors;
  }
  descriptors_.Set(descriptors);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    descriptors_max_.Set(static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace halfopen
