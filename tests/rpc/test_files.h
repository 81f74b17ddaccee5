// Reading what a test has written.
#ifndef GATEHOUSE_TESTS_RPC_TEST_FILES_H_
#define GATEHOUSE_TESTS_RPC_TEST_FILES_H_

#include <fstream>
#include <sstream>
#include <string>

namespace gatehouse::server {

// The whole file; empty if it cannot be read.
inline std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace gatehouse::server

#endif  // GATEHOUSE_TESTS_RPC_TEST_FILES_H_
