#include "server/runtime/cores.h"

#include <sched.h>

#include <algorithm>
#include <thread>

namespace gatehouse::server {

int AvailableCores() {
  cpu_set_t cores;
  // Fails on machines of more cores than the set has room for.
  if (sched_getaffinity(0, sizeof(cores), &cores) == 0) return std::max(1, CPU_COUNT(&cores));
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace gatehouse::server
