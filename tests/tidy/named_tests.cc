#include "tests/tidy/named_tests.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "re2/re2.h"

namespace gatehouse::tidy {
namespace {

std::string TextOf(const std::filesystem::path& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

// Every occurrence of the one group of `pattern`.
std::vector<std::string> AllOf(const RE2& pattern, const std::string& line) {
  std::vector<std::string> found;
  re2::StringPiece rest(line);
  std::string one;
  while (RE2::FindAndConsume(&rest, pattern, &one)) found.push_back(one);
  return found;
}

bool HasTest(const std::string& source, const std::string& suite, const std::string& name) {
  return RE2::PartialMatch(source,
                           absl::StrCat(R"(TEST(?:_[FP])?\(\s*)", suite, R"(,\s*)", name, R"(\))"));
}

}  // namespace

std::vector<std::string> FaultsOfNamedTests(const std::filesystem::path& page) {
  static const RE2 file_name(R"re(`(\w+/[\w/]+\.(?:cc|h))`)re");
  static const RE2 test_name(R"re(`([A-Z]\w+\.[A-Z]\w+)`)re");
  std::vector<std::string> faults;
  std::ifstream text(page);
  bool names_any = false;
  std::string line;
  for (int number = 1; std::getline(text, line); ++number) {
    const std::string place = absl::StrCat(page.filename().string(), ":", number, ": ");
    std::string sources;
    for (const std::string& file : AllOf(file_name, line)) {
      if (!std::filesystem::exists(page.parent_path() / file)) {
        faults.push_back(absl::StrCat(place, "there is no ", file));
      }
      sources += TextOf(page.parent_path() / file);
    }
    for (const std::string& test : AllOf(test_name, line)) {
      names_any = true;
      const size_t dot = test.find('.');
      if (!HasTest(sources, test.substr(0, dot), test.substr(dot + 1))) {
        faults.push_back(absl::StrCat(place, "none of the files named has ", test));
      }
    }
  }
  if (!names_any) faults.push_back(absl::StrCat(page.filename().string(), ":1: names no test"));
  return faults;
}

}  // namespace gatehouse::tidy
