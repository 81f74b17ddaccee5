#include "server/secrets/secure_process.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>

namespace gatehouse::server {
namespace {

// Without the privilege a limit of some MiB would make later allocations fail, so it is all or
// nothing here; keys are locked on their own (server/secrets/key_ring.cc).
void LockMemoryIfUnlimited() {
  rlimit limit = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
  if (setrlimit(RLIMIT_MEMLOCK, &limit) == 0) mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

}  // namespace

absl::Status SecureProcess() {
  const rlimit no_core = {.rlim_cur = 0, .rlim_max = 0};
  if (setrlimit(RLIMIT_CORE, &no_core) != 0) {
    return absl::ErrnoToStatus(errno, "core dumps cannot be turned off");
  }
#if !defined(__SANITIZE_ADDRESS__)  // LeakSanitizer attaches as a debugger does.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    return absl::ErrnoToStatus(errno, "the process cannot be made undumpable");
  }
#endif
  LockMemoryIfUnlimited();
  return absl::OkStatus();
}

}  // namespace gatehouse::server
