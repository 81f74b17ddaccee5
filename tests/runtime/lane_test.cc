#include "server/runtime/lane.h"

#include <atomic>
#include <barrier>
#include <future>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace gatehouse::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LaneTest : public ::testing::Test {
 protected:
  // A job that runs until Open is called; returns once it has begun.
  void Occupy(Lane& lane) {
    std::promise<void> begun;
    ASSERT_TRUE(lane.Submit({.run =
                                 [this, &begun] {
                                   begun.set_value();
                                   gate_.get_future().wait();
                                 },
                             .on_dropped = [](absl::Status) {}})
                    .ok());
    begun.get_future().wait();
  }
  void Open() { gate_.set_value(); }

  Lane::Job Noting(std::string name, absl::Time deadline = absl::InfiniteFuture()) {
    return {.deadline = deadline,
            .run = [this, name] { Note(name); },
            .on_dropped =
                [this, name](absl::Status why) {
                  Note(name + " " + absl::StatusCodeToString(why.code()));
                }};
  }
  void Note(std::string what) {
    const std::lock_guard lock(mutex_);
    notes_.push_back(std::move(what));
  }

  FakeClock clock_{absl::UnixEpoch()};
  Metrics metrics_;
  std::promise<void> gate_;
  std::mutex mutex_;
  std::vector<std::string> notes_;
};

TEST_F(LaneTest, RunsJobsInTheOrderOfTheirComing) {
  Lane lane({.threads = 1, .queue_limit = 10}, clock_, metrics_.ForLane("test"));
  Occupy(lane);
  for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(lane.Submit(Noting(name)).ok());
  Open();
  lane.Shutdown(absl::InfiniteDuration());
  EXPECT_THAT(notes_, ElementsAre("a", "b", "c"));
}

TEST_F(LaneTest, RefusesWhatDoesNotFitAndCallsNothingOfIt) {
  Lane lane({.threads = 1, .queue_limit = 1}, clock_, metrics_.ForLane("test"));
  Occupy(lane);
  ASSERT_TRUE(lane.Submit(Noting("fits")).ok());
  EXPECT_EQ(lane.Submit(Noting("too much")).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_lane_depth{lane=\"test\"} 1"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_lane_rejected_total{lane=\"test\"} 1"));
  Open();
  lane.Shutdown(absl::InfiniteDuration());
  EXPECT_THAT(notes_, ElementsAre("fits"));
}

TEST_F(LaneTest, DropsWhatIsLateOrCancelledWithoutRunningIt) {
  Lane lane({.threads = 1, .queue_limit = 10}, clock_, metrics_.ForLane("test"));
  Occupy(lane);
  ASSERT_TRUE(lane.Submit(Noting("late", clock_.Now() + absl::Seconds(1))).ok());
  ASSERT_TRUE(lane.Submit(Noting("in time", clock_.Now() + absl::Seconds(3))).ok());
  Lane::Job gone = Noting("gone");
  gone.cancelled = [] { return true; };
  ASSERT_TRUE(lane.Submit(std::move(gone)).ok());
  clock_.Advance(absl::Seconds(1));
  Open();
  lane.Shutdown(absl::InfiniteDuration());
  EXPECT_THAT(notes_, ElementsAre("late DEADLINE_EXCEEDED", "in time", "gone CANCELLED"));
  EXPECT_THAT(metrics_.Text(), HasSubstr("gatehouse_lane_dropped_total{lane=\"test\"} 2"));
}

TEST_F(LaneTest, ShutdownDropsWhatItsGraceDoesNotCover) {
  Lane lane({.threads = 1, .queue_limit = 10}, clock_, metrics_.ForLane("test"));
  Occupy(lane);
  Lane::Job job = Noting("waiting");
  job.on_dropped = [this](absl::Status why) {
    Note(std::string(why.message()));
    Open();  // the running job ends only after the waiting one was dropped
  };
  ASSERT_TRUE(lane.Submit(std::move(job)).ok());
  lane.Shutdown(absl::ZeroDuration());
  EXPECT_THAT(notes_, ElementsAre("the server is shutting down"));
  EXPECT_EQ(lane.Submit(Noting("later")).code(), absl::StatusCode::kUnavailable);
}

TEST_F(LaneTest, ManyThreadsRunOrDropEveryTakenJobExactlyOnce) {
  constexpr int kProducers = 4;
  constexpr int kJobs = 5000;
  std::atomic<int> taken = 0;
  std::atomic<int> answered = 0;
  {
    Lane lane({.threads = 3, .queue_limit = 64}, clock_, metrics_.ForLane("test"));
    std::barrier start(kProducers);
    std::vector<std::thread> producers;
    for (int producer = 0; producer < kProducers; ++producer) {
      producers.emplace_back([&] {
        start.arrive_and_wait();
        for (int i = 0; i < kJobs; ++i) {
          const absl::Status submitted =
              lane.Submit({.cancelled = [i] { return i % 3 == 0; },
                           .run = [&answered] { ++answered; },
                           .on_dropped = [&answered](absl::Status) { ++answered; }});
          if (submitted.ok()) ++taken;
        }
      });
    }
    for (std::thread& producer : producers) producer.join();
  }
  EXPECT_GT(taken, 0);
  EXPECT_EQ(answered, taken);
}

}  // namespace
}  // namespace gatehouse::server
