#include "server/secrets/secure_process.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

// In a child, since there is no way back; the exit code says what did not hold.
TEST(SecureProcessDeathTest, LeavesNoCoreAndCannotBeTraced) {
  EXPECT_EXIT(
      {
        if (!SecureProcess().ok()) std::_Exit(1);
#if !defined(__SANITIZE_ADDRESS__)
        if (prctl(PR_GET_DUMPABLE) != 0) std::_Exit(2);
#endif
        rlimit core;
        if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0) std::_Exit(3);
        std::_Exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(SecureProcessDeathTest, AnAbortDumpsNoCore) {
  const pid_t child = fork();
  if (child == 0) {
    if (!SecureProcess().ok()) std::_Exit(1);
    std::abort();
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_FALSE(WCOREDUMP(status));
}

}  // namespace
}  // namespace gatehouse::server
