// The rules of the house that a compiler does not know: layering, a paragraph at the head of every
// header, files of one duty, nothing left for later, no calls that make tests flaky or answers
// unpredictable.

#ifndef GATEHOUSE_TESTS_TIDY_RULES_H_
#define GATEHOUSE_TESTS_TIDY_RULES_H_

#include <filesystem>
#include <string>
#include <vector>

#include "tests/tidy/source_file.h"

namespace gatehouse::tidy {

// What is wrong with one file, each as "path:line: sentence", in order of line.
std::vector<std::string> FaultsOf(const SourceFile& file);

// The same for every file of ours below `root`, the project's own folders only, in order of path.
std::vector<std::string> FaultsBelow(const std::filesystem::path& root);

}  // namespace gatehouse::tidy

#endif  // GATEHOUSE_TESTS_TIDY_RULES_H_
