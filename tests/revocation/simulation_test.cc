#include "tests/revocation/simulation.h"

#include <cstdio>
#include <random>
#include <string>

#include "gtest/gtest.h"

#include "tests/harness/setting.h"

namespace gatehouse::server {
namespace {

constexpr int kRuns = 500;
constexpr int kSteps = 300;

TEST(RevocationSimulation, NoValidationThatStartsAfterARevocationAnsweredAcceptsWhatItEnded) {
  // GATEHOUSE_SEED repeats a failed trial.
  const std::uint64_t first = harness::Setting("GATEHOUSE_SEED", std::random_device()());
  Outcome sum;
  for (std::uint64_t seed = first; seed < first + kRuns; ++seed) {
    const Outcome outcome = Simulation(seed, Parts()).Run(kSteps);
    ASSERT_FALSE(outcome.fault.has_value()) << *outcome.fault << ", GATEHOUSE_SEED=" << seed;
    sum.valid += outcome.valid;
    sum.invalid += outcome.invalid;
    sum.unavailable += outcome.unavailable;
    sum.revocations_confirmed += outcome.revocations_confirmed;
  }
  std::printf("seeds %llu + %d: 0 faults; %d valid, %d invalid, %d unavailable, %d revocations\n",
              static_cast<unsigned long long>(first), kRuns, sum.valid, sum.invalid,
              sum.unavailable, sum.revocations_confirmed);
  // A world in which nothing happens would find no fault either.
  EXPECT_GT(sum.valid, kRuns);
  EXPECT_GT(sum.invalid, kRuns);
  EXPECT_GT(sum.unavailable, kRuns);
  EXPECT_GT(sum.revocations_confirmed, kRuns);
}

TEST(RevocationSimulation, FindsEachPartMissingWhenItIsTakenOut) {
  const struct {
    const char* name;
    bool Parts::*part;
  } kParts[] = {
      {"lease", &Parts::lease},
      {"lease from the read's beginning", &Parts::lease_from_begin},
      {"catch-up", &Parts::catch_up},
      {"epoch", &Parts::epoch},
      {"digest", &Parts::digest},
      {"position", &Parts::position},
      {"incarnation", &Parts::incarnation},
      {"authorisation version", &Parts::authorisation},
      {"expiry", &Parts::expiry},
  };
  // GATEHOUSE_SEED repeats a failed trial.
  const std::uint64_t first = harness::Setting("GATEHOUSE_SEED", std::random_device()());
  for (const auto& test : kParts) {
    Parts parts;
    parts.*test.part = false;
    int runs = 0;
    std::optional<std::string> fault;
    while (runs < kRuns && !fault.has_value()) {
      fault = Simulation(first + static_cast<std::uint64_t>(runs++), parts).Run(kSteps).fault;
    }
    EXPECT_TRUE(fault.has_value()) << test.name << ", GATEHOUSE_SEED=" << first;
    std::printf("without %s: found in run %d\n", test.name, runs);
  }
}

}  // namespace
}  // namespace gatehouse::server
