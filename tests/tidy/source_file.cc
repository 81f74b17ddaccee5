#include "tests/tidy/source_file.h"

#include <cctype>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "re2/re2.h"

namespace gatehouse::tidy {
namespace {

// Where a raw string that opens at `start` (its R) ends, or the text's end.
size_t EndOfRawString(std::string_view text, size_t start) {
  const size_t open = text.find('(', start);
  if (open == std::string_view::npos) return text.size();
  const std::string close =
      absl::StrCat(")", std::string(text.substr(start + 2, open - start - 2)), "\"");
  const size_t end = text.find(close, open);
  return end == std::string_view::npos ? text.size() : end + close.size();
}

size_t EndOfQuoted(std::string_view text, size_t start) {
  for (size_t i = start + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == text[start] || text[i] == '\n') {
      return i + 1;
    }
  }
  return text.size();
}

bool IsDigitSeparator(std::string_view text, size_t i) {
  return text[i] == '\'' && i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1]));
}

// Where the comment or literal that begins at `i` ends; `i` itself when none does.
size_t EndOfNonCode(std::string_view text, size_t i) {
  const std::string_view rest = text.substr(i);
  if (rest.starts_with("//")) return std::min(text.find('\n', i), text.size());
  if (rest.starts_with("/*")) {
    const size_t end = text.find("*/", i + 2);
    return end == std::string_view::npos ? text.size() : end + 2;
  }
  if (rest.starts_with("R\"")) return EndOfRawString(text, i);
  if (text[i] == '"' || (text[i] == '\'' && !IsDigitSeparator(text, i))) {
    return EndOfQuoted(text, i);
  }
  return i;
}

std::string BlankNonCode(std::string_view text) {
  std::string code(text);
  for (size_t i = 0; i < code.size();) {
    const size_t end = EndOfNonCode(text, i);
    for (size_t blank = i; blank < end; ++blank) {
      if (code[blank] != '\n') code[blank] = ' ';
    }
    i = end > i ? end : i + 1;
  }
  return code;
}

std::vector<std::string> Lines(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  return absl::StrSplit(absl::string_view(text.data(), text.size()), '\n');
}

}  // namespace

SourceFile::SourceFile(std::string path, std::string text)
    : path_(std::move(path)), lines_(Lines(text)) {
  if (IsCpp()) code_ = Lines(BlankNonCode(text));
}

std::string SourceFile::folder() const {
  const size_t slash = path_.rfind('/');
  return slash == std::string::npos ? "" : path_.substr(0, slash);
}

bool SourceFile::IsHeader() const { return absl::EndsWith(path_, ".h"); }

bool SourceFile::IsCpp() const { return IsHeader() || absl::EndsWith(path_, ".cc"); }

std::vector<Include> SourceFile::Includes() const {
  static const RE2 directive(R"re(^\s*#\s*include\s*[<"]([^">]+)[">])re");
  std::vector<Include> includes;
  for (size_t i = 0; i < lines_.size(); ++i) {
    std::string name;
    if (RE2::PartialMatch(lines_[i], directive, &name)) {
      includes.push_back({static_cast<int>(i + 1), name});
    }
  }
  return includes;
}

}  // namespace gatehouse::tidy
