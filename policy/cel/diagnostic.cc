#include "policy/cel/diagnostic.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

#include "policy/cel/utf8.h"

namespace gatehouse::policy::cel {
namespace {

// Of an excerpt's line: beyond it a text is hostile rather than long.
constexpr size_t kLongestExcerpt = 240;

}  // namespace

std::string Diagnostic::ToString() const {
  return absl::StrCat(line, ":", column, ": ", message, suggestion.empty() ? "" : "; ", suggestion);
}

std::string Diagnostic::ToStringWithExcerpt(absl::string_view source) const {
  const size_t place = std::min<size_t>(range.begin, source.size());
  const size_t before = source.substr(0, place).rfind('\n');
  const size_t begin = before == absl::string_view::npos ? 0 : before + 1;
  const absl::string_view text = source.substr(begin, source.find('\n', begin) - begin);
  if (text.size() > kLongestExcerpt || !IsValidUtf8(text)) return ToString();
  const size_t end = std::clamp<size_t>(range.end, place, begin + text.size());
  const size_t width = CountCodePoints(source.substr(place, end - place));
  return absl::StrCat(ToString(), "\n  ", text, "\n  ", std::string(column - 1, ' '),
                      std::string(std::max<size_t>(width, 1), '^'));
}

Diagnostic MakeDiagnostic(absl::string_view source, SourceRange range, std::string message,
                          std::string suggestion) {
  const absl::string_view before = source.substr(0, std::min<size_t>(range.begin, source.size()));
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  Diagnostic diagnostic;
  diagnostic.range = range;
  diagnostic.line = static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  diagnostic.column = static_cast<uint32_t>(CountCodePoints(before.substr(line_start))) + 1;
  diagnostic.message = std::move(message);
  diagnostic.suggestion = std::move(suggestion);
  return diagnostic;
}

std::string ToString(absl::Span<const Diagnostic> diagnostics) {
  return absl::StrJoin(diagnostics, "\n", [](std::string* out, const Diagnostic& diagnostic) {
    out->append(diagnostic.ToString());
  });
}

}  // namespace gatehouse::policy::cel
