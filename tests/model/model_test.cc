// Random sequences of all operations by people of all roles, compared answer by answer with a small
// reference of the domain (tests/model/reference.h), over three systems (tests/model/system.h).
//
// GATEHOUSE_SEED repeats a run, GATEHOUSE_SEQUENCES makes it as long as you like: a failing one
// tells the seed by which it alone is repeated, and where that is cheap its shortest form.

#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

#include "tests/harness/setting.h"
#include "tests/model/driver.h"
#include "tests/model/system.h"

namespace gatehouse::model {
namespace {

constexpr size_t kSteps = 40;

class ModelTest : public ::testing::Test {
 protected:
  static uint64_t Sequences(uint64_t otherwise) {
    return harness::Setting("GATEHOUSE_SEQUENCES", otherwise);
  }

  // On one system, one after the other.
  void PlayOn(System& system, uint64_t sequences) {
    Driver driver(system);
    for (; played_ < sequences; ++played_) {
      const auto disagreement = driver.Play(RandomSequence(seed_ + played_));
      ASSERT_FALSE(disagreement.has_value())
          << "GATEHOUSE_SEED=" << seed_ << " GATEHOUSE_SEQUENCES=" << played_ + 1 << "\n"
          << *disagreement;
    }
    Count(driver);
  }

  void Count(const Driver& driver) {
    calls_ += driver.calls();
    steps_ += driver.steps();
    boundaries_ += driver.boundaries();
    for (const auto& [request, times] : driver.done()) done_[request] += times;
    refusals_.insert(driver.refusals().begin(), driver.refusals().end());
  }

  void TearDown() override {
    std::cout << played_ << " sequences: " << steps_ << " steps, " << calls_ << " calls, "
              << boundaries_ << " times beside an instant of change, " << done_.size()
              << " methods done, refusals for " << refusals_.size() << " reasons, in "
              << absl::Now() - began_ << "; seed " << seed_ << std::endl;
  }

  const uint64_t seed_ = harness::Setting("GATEHOUSE_SEED", std::random_device()());
  const absl::Time began_ = absl::Now();
  uint64_t played_ = 0;
  int64_t calls_ = 0;
  int64_t steps_ = 0;
  int64_t boundaries_ = 0;
  std::map<std::string, int64_t> done_;
  Reasons refusals_;
};

// Leaves out what is not needed for a disagreement, by halves, quarters, ... and steps.
Sequence Shortened(Sequence failing) {
  const auto fails = [](const Sequence& sequence) {
    const auto system = NewFakeSystem();
    return Driver(*system).Play(sequence).has_value();
  };
  for (size_t part = failing.size() / 2; part > 0; part /= 2) {
    for (size_t from = 0; from + part <= failing.size();) {
      Sequence without = failing;
      const auto first = without.begin() + static_cast<std::ptrdiff_t>(from);
      without.erase(first, first + static_cast<std::ptrdiff_t>(part));
      if (fails(without)) {
        failing = std::move(without);
      } else {
        from += part;
      }
    }
  }
  return failing;
}

TEST_F(ModelTest, TheOperationsDoWhatTheReferenceSays) {
  const uint64_t sequences = Sequences(500);
  for (; played_ < sequences; ++played_) {
    const Sequence sequence = RandomSequence(seed_ + played_);
    const auto system = NewFakeSystem();
    Driver driver(*system);
    const bool agreed = !driver.Play(sequence).has_value();
    Count(driver);
    if (agreed) continue;
    const Sequence shortest = Shortened(sequence);
    const auto again = NewFakeSystem();
    FAIL() << "GATEHOUSE_SEED=" << seed_ + played_ << " GATEHOUSE_SEQUENCES=1, as "
           << shortest.size() << " of its " << sequence.size() << " steps:\n"
           << Driver(*again).Play(shortest).value_or("(not repeated)");
  }
}

TEST_F(ModelTest, TheServerWithItsStoresDoesWhatTheReferenceSaysWhileTimePasses) {
  const auto system = NewAssembledSystem();
  PlayOn(*system, Sequences(10));
}

TEST_F(ModelTest, TheBinaryDoesWhatTheReferenceSays) {
  const auto system = NewBinarySystem();
  PlayOn(*system, Sequences(10));
}

}  // namespace
}  // namespace gatehouse::model
