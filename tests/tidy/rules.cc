#include "tests/tidy/rules.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "re2/re2.h"

#include "tests/tidy/layers.h"

namespace gatehouse::tidy {
namespace {

constexpr size_t kMostLines = 600;
constexpr size_t kShortestPurpose = 30;  // Letters of a header's opening paragraph.

using Faults = std::vector<std::pair<size_t, std::string>>;  // Line and sentence.

struct BannedCall {
  std::string pattern;
  std::vector<absl::string_view> folders;     // Where it is banned.
  std::vector<absl::string_view> exceptions;  // Files whose duty it is.
  absl::string_view reason;
};

const std::vector<BannedCall>& BannedCalls() {
  static const std::vector<BannedCall> calls = {
      {R"(\b(sleep|usleep|nanosleep|sleep_for|sleep_until|SleepFor)\s*\()",
       {"policy/", "storage/", "server/", "clients/", "tests/"},
       // A transaction that met a conflict stands back for the others before it runs again; load is
       // paced, faults strike at random moments, and a polite client waits when it is told to.
       {"storage/sql/sql_account_store.cc", "clients/cli/commands/import_stream.cc",
        "tests/harness/wait.cc", "tests/bench/", "tests/faults/", "tests/e2e/parallel_guesses"},
       "sleeping is no synchronisation: wait for the condition (server/runtime/bell.h, "
       "tests/harness/wait.h)"},
      {R"(\babsl::Now\s*\(|\bstd::time\s*\(|\b(clock_gettime|gettimeofday)\s*\()",
       {"policy/", "storage/", "server/"},
       {"server/runtime/clock.cc", "storage/redis/"},  // Deadlines of its own I/O.
       "time is passed in (server/runtime/clock.h)"},
      {R"(\b(system|steady)_clock::now\s*\()",
       {"policy/", "storage/", "server/"},
       // gRPC tells and takes its deadlines by the system's clock.
       {"server/rpc/call_bridge.cc", "server/rpc/grpc_server.cc", "storage/redis/"},
       "time is passed in (server/runtime/clock.h)"},
      {R"(\bstd::(rand|random_device|mt19937(_64)?)\b|\brandombytes_\w+\s*\(|\babsl::BitGen\b)",
       {"policy/", "storage/", "server/", "clients/"},
       {"server/runtime/entropy.cc"},
       "randomness is passed in (server/runtime/entropy.h)"},
      {R"(\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|popen|std::system)\s*\()",
       {"policy/", "storage/", "server/", "clients/", "tests/"},
       {},
       "unsafe in the face of hostile input"},
      {R"(\bstd::(cout|cerr|clog)\b)",
       {"policy/", "storage/", "server/"},
       {"policy/tool/", "server/main.cc"},
       "speak through the answer or the log (server/runtime/log.h)"},
      {R"(\busing\s+namespace\b)",
       {"policy/", "storage/", "server/", "clients/", "tests/"},
       {},
       "name what is used"},
      {R"(\bGTEST_SKIP\b|\bDISABLED_\w)",
       {"tests/"},
       {},
       "a test that does not run proves nothing"},
      {R"(\bToString\b)", {"server/secrets/"}, {}, "nothing secret can be printed"},
  };
  return calls;
}

bool StartsWithAny(absl::string_view path, const std::vector<absl::string_view>& prefixes) {
  return std::ranges::any_of(
      prefixes, [&](absl::string_view prefix) { return absl::StartsWith(path, prefix); });
}

void CheckLength(const SourceFile& file, Faults& faults) {
  if (file.lines().size() > kMostLines) {
    faults.emplace_back(kMostLines + 1, absl::StrCat("longer than ", kMostLines,
                                                     " lines: it has more than one duty"));
  }
}

void CheckNothingIsLeftForLater(const SourceFile& file, Faults& faults) {
  // Spelt in two halves, so that this line does not accuse itself.
  static const RE2 marker(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X|HA"
      "CK)\\b");
  for (size_t i = 0; i < file.lines().size(); ++i) {
    std::string word;
    if (RE2::PartialMatch(file.lines()[i], marker, &word)) {
      faults.emplace_back(i + 1, absl::StrCat(word, ": finish it or write an issue"));
    }
  }
}

void CheckIncludes(const SourceFile& file, Faults& faults) {
  for (const Include& include : file.Includes()) {
    if (auto fault = ForbiddenInclude(file.folder(), include.name)) {
      faults.emplace_back(include.line, *fault);
    }
  }
}

void CheckOpeningParagraph(const SourceFile& file, Faults& faults) {
  size_t letters = 0;
  for (const std::string& line : file.lines()) {
    if (!absl::StartsWith(line, "//")) break;
    letters += line.size() - 2;
  }
  if (letters < kShortestPurpose) {
    faults.emplace_back(
        1, "a header opens with a paragraph: purpose, threads, ownership, units, errors");
  }
}

void CheckBannedCalls(const SourceFile& file, Faults& faults) {
  for (const BannedCall& call : BannedCalls()) {
    if (!StartsWithAny(file.path(), call.folders) || StartsWithAny(file.path(), call.exceptions))
      continue;
    const RE2 pattern(call.pattern);
    for (size_t i = 0; i < file.code().size(); ++i) {
      if (RE2::PartialMatch(file.code()[i], pattern)) faults.emplace_back(i + 1, call.reason);
    }
  }
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

bool IsOurs(const std::filesystem::path& path) {
  static const std::vector<std::string> kinds = {".cc", ".h",   ".proto", ".sh",        ".txt",
                                                 ".md", ".sql", ".conf",  ".textproto", ".cmake"};
  // Programs in bash have no ending.
  return std::ranges::find(kinds, path.extension().string()) != kinds.end() ||
         !path.has_extension();
}

}  // namespace

std::vector<std::string> FaultsOf(const SourceFile& file) {
  Faults faults;
  CheckNothingIsLeftForLater(file, faults);
  if (file.IsCpp()) {
    CheckLength(file, faults);
    CheckIncludes(file, faults);
    CheckBannedCalls(file, faults);
  }
  if (file.IsHeader()) CheckOpeningParagraph(file, faults);
  std::ranges::sort(faults);
  std::vector<std::string> sentences;
  for (const auto& [line, sentence] : faults) {
    sentences.push_back(absl::StrCat(file.path(), ":", line, ": ", sentence));
  }
  return sentences;
}

std::vector<std::string> FaultsBelow(const std::filesystem::path& root) {
  std::vector<std::filesystem::path> files;
  for (const char* folder :
       {"proto", "policy", "storage", "server", "clients", "tests", "deploy", ".ci"}) {
    if (!std::filesystem::exists(root / folder)) continue;
    for (auto entry = std::filesystem::recursive_directory_iterator(root / folder);
         entry != std::filesystem::recursive_directory_iterator(); ++entry) {
      const std::string name = entry->path().filename();
      if (name == "node_modules" || name == "corpus") {
        entry.disable_recursion_pending();
      } else if (entry->is_regular_file() && IsOurs(entry->path())) {
        files.push_back(entry->path());
      }
    }
  }
  std::ranges::sort(files);
  std::vector<std::string> faults;
  for (const std::filesystem::path& path : files) {
    const SourceFile file(path.lexically_relative(root).generic_string(), ReadFile(path));
    for (std::string& fault : FaultsOf(file)) faults.push_back(std::move(fault));
  }
  return faults;
}

}  // namespace gatehouse::tidy
