#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

#include "policy/analysis/answers.h"
#include "policy/analysis/diff.h"
#include "policy/json/recorded_json.h"
#include "policy/recording.h"
#include "policy/tool/commands.h"
#include "policy/tool/console.h"
#include <nlohmann/json.hpp>

namespace gatehouse::policy::tool {
namespace {

using Json = nlohmann::ordered_json;

// What a replay comes to, and each decision that changes.
struct Tally {
  size_t decisions = 0;
  size_t widened = 0;
  size_t narrowed = 0;
  size_t altered = 0;
  size_t undecided = 0;
  std::vector<Json> changed;
};

void Count(const Recorded& recorded, const Replay& replay, size_t line, Tally& tally) {
  ++tally.decisions;
  if (replay.undecided) ++tally.undecided;
  switch (replay.change) {
    case Change::kNone:
      return;
    case Change::kWidens:
      ++tally.widened;
      break;
    case Change::kNarrows:
      ++tally.narrowed;
      break;
    case Change::kAlters:
      ++tally.altered;
      break;
  }
  tally.changed.push_back({{"line", line},
                           {"action", WordFor(Vocabulary::kAction, recorded.action)},
                           {"change", analysis::NameOf(replay.change)},
                           {"before", analysis::InShort(recorded.decision)},
                           {"after", analysis::InShort(replay.decision)}});
}

void Print(const Tally& tally, const std::string& file) {
  for (const Json& one : tally.changed) {
    std::cout << file << ":" << one["line"] << ": " << one["action"].get<std::string>() << "  "
              << one["change"].get<std::string>() << "  " << one["before"].get<std::string>()
              << " -> " << one["after"].get<std::string>() << "\n";
  }
  std::cout << tally.decisions << " decisions replayed: " << tally.widened << " widened, "
            << tally.narrowed << " narrowed, " << tally.altered << " altered, " << tally.undecided
            << " undecided for facts that are not kept\n";
}

}  // namespace

int RunReplay(const std::string& file, const std::string& decisions, bool json) {
  int exit_code = kOk;
  const std::shared_ptr<const Policy> policy = LoadPolicy(file, exit_code);
  if (policy == nullptr) return exit_code;
  std::ifstream lines(decisions);
  if (!lines) {
    std::cerr << "cannot read " << decisions << "\n";
    return kUsage;
  }
  Tally tally;
  std::string line;
  for (size_t number = 1; std::getline(lines, line); ++number) {
    if (line.empty()) continue;
    std::vector<std::string> faults;
    const Recorded recorded = ReadRecorded(line, faults);
    for (const std::string& fault : faults) {
      std::cerr << decisions << ":" << number << ": " << fault << "\n";
      exit_code = kUsage;
    }
    if (!faults.empty()) continue;
    Count(recorded, DecideAgain(*policy, recorded.action, recorded.facts, recorded.decision),
          number, tally);
  }
  if (json) {
    std::cout << Json{{"decisions", tally.decisions}, {"widened", tally.widened},
                      {"narrowed", tally.narrowed},   {"altered", tally.altered},
                      {"undecided", tally.undecided}, {"changed", tally.changed}}
                     .dump(2)
              << "\n";
  } else {
    Print(tally, decisions);
  }
  if (exit_code != kOk) return exit_code;
  if (tally.widened > 0) return kWidens;
  return tally.changed.empty() ? kOk : kDiffers;
}

}  // namespace gatehouse::policy::tool
