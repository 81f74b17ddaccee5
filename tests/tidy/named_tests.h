// Whether the tests that a page names are there. A line of the page names files below tests/ and
// tests in them, each between backquotes: `operations/sign_in_test.cc` `SignInTest.ARight...`.

#ifndef GATEHOUSE_TESTS_TIDY_NAMED_TESTS_H_
#define GATEHOUSE_TESTS_TIDY_NAMED_TESTS_H_

#include <filesystem>
#include <string>
#include <vector>

namespace gatehouse::tidy {

// Each named file that is not there, and each named test that none of its line's files has, as
// "page:line: sentence". `page` lies in the folder of the tests. A page that names no test at all
// is at fault, too.
std::vector<std::string> FaultsOfNamedTests(const std::filesystem::path& page);

}  // namespace gatehouse::tidy

#endif  // GATEHOUSE_TESTS_TIDY_NAMED_TESTS_H_
