#include "server/runtime/cores.h"

#include <sched.h>

#include <thread>

#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

TEST(CoresTest, OnlyThoseCountThatTheProcessMayUse) {
  std::thread([] {
    cpu_set_t core;
    ASSERT_EQ(sched_getaffinity(0, sizeof(core), &core), 0);
    const int first = [&core] {
      int at = 0;
      while (!CPU_ISSET(static_cast<size_t>(at), &core)) ++at;
      return at;
    }();
    CPU_ZERO(&core);
    CPU_SET(static_cast<size_t>(first), &core);
    ASSERT_EQ(sched_setaffinity(0, sizeof(core), &core), 0);
    EXPECT_EQ(AvailableCores(), 1);
  }).join();
}

TEST(CoresTest, ThereIsAlwaysOne) { EXPECT_GE(AvailableCores(), 1); }

}  // namespace
}  // namespace gatehouse::server
