// One file of the project as the tidy rules see it: its lines, its includes, and its code with
// comments and literals blanked out, so that a word in a sentence or a string is not taken for a
// call. Immutable.

#ifndef GATEHOUSE_TESTS_TIDY_SOURCE_FILE_H_
#define GATEHOUSE_TESTS_TIDY_SOURCE_FILE_H_

#include <string>
#include <vector>

namespace gatehouse::tidy {

struct Include {
  int line;          // From 1.
  std::string name;  // As written, without its quotes or brackets.
};

class SourceFile {
 public:
  // `path` is relative to the project's root, with slashes.
  SourceFile(std::string path, std::string text);

  const std::string& path() const { return path_; }
  // The folder it lies in; empty for the root.
  std::string folder() const;
  bool IsHeader() const;
  bool IsCpp() const;

  const std::vector<std::string>& lines() const { return lines_; }
  // As many lines as lines(), comments and the insides of literals replaced by blanks. C++ only.
  const std::vector<std::string>& code() const { return code_; }
  std::vector<Include> Includes() const;

 private:
  std::string path_;
  std::vector<std::string> lines_;
  std::vector<std::string> code_;
};

}  // namespace gatehouse::tidy

#endif  // GATEHOUSE_TESTS_TIDY_SOURCE_FILE_H_
