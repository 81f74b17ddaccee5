#include "server/delivery/message_template.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "server/secrets/unicode.h"

namespace gatehouse::server {
namespace {

constexpr int kLongestValue = 128;  // code points
constexpr int kLongestShort = 320;  // code points before anything is filled in: three text messages
constexpr absl::string_view kSubject = "Subject: ";
constexpr absl::string_view kShort = "Short: ";

// Line breaks of every kind, and marks that nobody sees but that turn the text around them.
bool IsHarmful(UChar32 code_point) {
  if (code_point < 0) return true;  // no UTF-8
  switch (u_charType(code_point)) {
    case U_CONTROL_CHAR:
    case U_FORMAT_CHAR:
    case U_LINE_SEPARATOR:
    case U_PARAGRAPH_SEPARATOR:
      return true;
    default:
      return false;
  }
}

}  // namespace

std::string Harmless(absl::string_view value) {
  std::string harmless;
  const auto* bytes = reinterpret_cast<const uint8_t*>(value.data());
  int count = 0;
  for (size_t at = 0; at < value.size() && count < kLongestValue; ++count) {
    const size_t start = at;
    UChar32 code_point;
    U8_NEXT(bytes, at, value.size(), code_point);
    absl::StrAppend(&harmless, IsHarmful(code_point) ? " " : value.substr(start, at - start));
  }
  absl::StripAsciiWhitespace(&harmless);
  return harmless;
}

// Reads one file, and remembers where it is.
class TemplateParser {
 public:
  TemplateParser(absl::string_view file, absl::Span<const absl::string_view> placeholders,
                 std::vector<std::string>& faults)
      : file_(file), placeholders_(placeholders), faults_(faults) {}

  MessageTemplate Parse(absl::string_view text);

 private:
  using Pieces = MessageTemplate::Pieces;

  void Fault(size_t column, absl::string_view what) {
    faults_.push_back(absl::StrCat(file_, ":", line_, ":", column + 1, ": ", what));
  }
  void Header(absl::string_view line, absl::string_view name, Pieces& pieces);
  // Adds a line's pieces; `column` is where it begins.
  void Line(absl::string_view line, size_t column, Pieces& pieces);
  void CheckShort(absl::string_view line);

  const absl::string_view file_;
  const absl::Span<const absl::string_view> placeholders_;
  std::vector<std::string>& faults_;
  size_t line_ = 1;
};

MessageTemplate TemplateParser::Parse(absl::string_view text) {
  MessageTemplate parsed;
  if (!IsUtf8(text)) {
    Fault(0, "is not UTF-8");
    return parsed;
  }
  std::vector<absl::string_view> lines =
      absl::StrSplit(absl::StripTrailingAsciiWhitespace(text), '\n');
  if (lines.size() < 4 || !absl::StartsWith(lines[0], kSubject) ||
      !absl::StartsWith(lines[1], kShort) || !lines[2].empty()) {
    Fault(0, "must begin with the lines 'Subject: ...', 'Short: ...', an empty one, and the body");
    return parsed;
  }
  Header(lines[0], kSubject, parsed.subject_);
  CheckShort(lines[1]);
  Header(lines[1], kShort, parsed.short_);
  for (line_ = 4; line_ <= lines.size(); ++line_) {
    Line(lines[line_ - 1], 0, parsed.body_);
    parsed.body_.push_back({.literal = "\n", .placeholder = ""});
  }
  return parsed;
}

void TemplateParser::Header(absl::string_view line, absl::string_view name, Pieces& pieces) {
  if (absl::StripAsciiWhitespace(line.substr(name.size())).empty()) {
    Fault(name.size(), "must not be empty");
  }
  Line(line.substr(name.size()), name.size(), pieces);
  ++line_;
}

void TemplateParser::CheckShort(absl::string_view line) {
  if (CountCodePoints(line.substr(kShort.size())) > kLongestShort) {
    Fault(kShort.size(), absl::StrCat("is longer than ", kLongestShort, " characters"));
  }
}

void TemplateParser::Line(absl::string_view line, size_t column, Pieces& pieces) {
  if (HasControlCharacters(line)) Fault(column, "holds control characters");
  while (true) {
    const size_t open = line.find("{{");
    if (open == absl::string_view::npos) break;
    const size_t close = line.find("}}", open);
    if (close == absl::string_view::npos) {
      Fault(column + open, "this {{ is never closed");
      return;
    }
    const absl::string_view name = line.substr(open + 2, close - open - 2);
    if (std::find(placeholders_.begin(), placeholders_.end(), name) == placeholders_.end()) {
      Fault(column + open, absl::StrCat("unknown placeholder '", name,
                                        "'; there are: ", absl::StrJoin(placeholders_, ", ")));
    }
    pieces.push_back(
        {.literal = std::string(line.substr(0, open)), .placeholder = std::string(name)});
    line.remove_prefix(close + 2);
    column += close + 2;
  }
  pieces.push_back({.literal = std::string(line), .placeholder = ""});
}

MessageTemplate MessageTemplate::Parse(absl::string_view file, absl::string_view text,
                                       absl::Span<const absl::string_view> placeholders,
                                       std::vector<std::string>& faults) {
  return TemplateParser(file, placeholders, faults).Parse(text);
}

outbox::v1::Text MessageTemplate::Fill(const TemplateValues& values) const {
  outbox::v1::Text text;
  text.set_subject(Fill(subject_, values));
  text.set_short_(Fill(short_, values));
  text.set_body(Fill(body_, values));
  return text;
}

std::string MessageTemplate::Fill(const Pieces& pieces, const TemplateValues& values) {
  std::string text;
  for (const Piece& piece : pieces) {
    absl::StrAppend(&text, piece.literal);
    const auto value = values.find(piece.placeholder);
    if (value != values.end()) absl::StrAppend(&text, Harmless(value->second));
  }
  return text;
}

}  // namespace gatehouse::server
