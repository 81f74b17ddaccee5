// The file of a server's SQLite database, behind its back and while nobody serves it: for what a
// test could only wait weeks for. What cannot be done fails the test.

#ifndef GATEHOUSE_TESTS_E2E_DATABASE_H_
#define GATEHOUSE_TESTS_E2E_DATABASE_H_

#include <string>

namespace gatehouse::e2e {

// `url` as --database takes it.
void Execute(const std::string& url, const std::string& statement);

}  // namespace gatehouse::e2e

#endif  // GATEHOUSE_TESTS_E2E_DATABASE_H_
