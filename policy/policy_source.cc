#include "policy/policy_source.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"

#include "policy/cel/utf8.h"
#include "policy/near_name.h"

namespace gatehouse::policy {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

// More problems than this help nobody, and a hostile text could make millions.
constexpr size_t kMostProblems = 200;
constexpr int kTabWidth = 8;
constexpr size_t kLongestExcerpt = 160;

bool IsOctal(char c) { return c >= '0' && c <= '7'; }

// Reads the string literals that begin at or after `offset`, adjacent ones as one, and notes for
// each byte of the value the byte of the text that it comes from.
class LiteralReader {
 public:
  LiteralReader(absl::string_view text, uint32_t offset) : text_(text), at_(offset) {}

  // The value's origins, and one more for its end.
  std::vector<uint32_t> Read() {
    SkipToQuote();
    uint32_t end = at_;
    while (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
      ReadOne();
      end = at_ == 0 ? 0 : at_ - 1;
      SkipSpace();
    }
    origins_.push_back(end);
    return std::move(origins_);
  }

 private:
  void SkipSpace() {
    while (at_ < text_.size()) {
      if (text_[at_] == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) {
        ++at_;
      } else {
        return;
      }
    }
  }

  void SkipToQuote() {
    while (at_ < text_.size() && text_[at_] != '"' && text_[at_] != '\'') {
      if (text_[at_] == '#') {
        SkipSpace();
      } else {
        ++at_;
      }
    }
  }

  void ReadOne() {
    const char quote = text_[at_++];
    while (at_ < text_.size() && text_[at_] != quote) {
      const uint32_t begin = at_++;
      size_t bytes = 1;
      if (text_[begin] == '\\') bytes = SkipEscape();
      origins_.insert(origins_.end(), bytes, begin);
    }
    if (at_ < text_.size()) ++at_;
  }

  // Behind the backslash; answers how many bytes the escape stands for.
  size_t SkipEscape() {
    if (at_ >= text_.size()) return 1;
    const char kind = text_[at_++];
    if (IsOctal(kind)) {
      for (int i = 0; i < 2 && at_ < text_.size() && IsOctal(text_[at_]); ++i) ++at_;
      return 1;
    }
    if (kind != 'x' && kind != 'X' && kind != 'u' && kind != 'U') return 1;
    const uint32_t digits_begin = at_;
    const uint32_t most = kind == 'u' ? 4 : kind == 'U' ? 8 : 2;
    while (at_ < text_.size() && at_ - digits_begin < most &&
           absl::ascii_isxdigit(static_cast<unsigned char>(text_[at_]))) {
      ++at_;
    }
    if (most == 2) return 1;
    uint32_t code_point = 0;
    (void)absl::SimpleHexAtoi(text_.substr(digits_begin, at_ - digits_begin), &code_point);
    return code_point < 0x80 ? 1 : code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
  }

  absl::string_view text_;
  uint32_t at_;
  std::vector<uint32_t> origins_;
};

uint32_t CodePoints(absl::string_view text) {
  return static_cast<uint32_t>(cel::CountCodePoints(text));
}

// What stands between the first two quotation marks of a message by protobuf.
absl::string_view Quoted(absl::string_view message) {
  const size_t begin = message.find('"');
  if (begin == absl::string_view::npos) return {};
  const size_t end = message.find('"', begin + 1);
  return end == absl::string_view::npos ? absl::string_view()
                                        : message.substr(begin + 1, end - begin - 1);
}

template <typename Visit>
void VisitFields(const Descriptor& message, const Visit& visit) {
  for (int i = 0; i < message.field_count(); ++i) {
    visit(*message.field(i));
    if (message.field(i)->message_type() != nullptr) {
      VisitFields(*message.field(i)->message_type(), visit);
    }
  }
}

// What protobuf complains about: `word` is unknown as a value of `field`, or as a field of
// `message`.
struct Unknown {
  absl::string_view word;
  absl::string_view field;
  absl::string_view message;
};

std::optional<Unknown> FindUnknown(absl::string_view complaint) {
  const bool about_value = absl::StrContains(complaint, "enumeration value");
  const size_t named = complaint.rfind(about_value ? "field \"" : "named \"");
  if (named == absl::string_view::npos) return std::nullopt;
  const absl::string_view first = Quoted(complaint);
  const absl::string_view last = Quoted(complaint.substr(named));
  return about_value ? Unknown{first, last, {}} : Unknown{last, {}, first};
}

// The near name for it.
std::string SuggestFor(const Unknown& unknown) {
  std::vector<std::string> candidates;
  VisitFields(*v1::Policy::descriptor(), [&](const FieldDescriptor& field) {
    if (unknown.field.empty()) {
      if (field.containing_type()->full_name() == unknown.message) {
        candidates.push_back(field.name());
      }
    } else if (field.name() == unknown.field && field.enum_type() != nullptr) {
      for (int i = 1; i < field.enum_type()->value_count(); ++i) {
        candidates.push_back(field.enum_type()->value(i)->name());
      }
    }
  });
  return SuggestName(unknown.word, candidates);
}

}  // namespace

TextLines::TextLines(absl::string_view text) : text_(text), begins_{0} {
  for (size_t at = text_.find('\n'); at != std::string::npos; at = text_.find('\n', at + 1)) {
    begins_.push_back(static_cast<uint32_t>(at + 1));
  }
}

uint32_t TextLines::OffsetOfToken(int line, int column) const {
  const size_t last = begins_.size() - 1;
  size_t offset = begins_[std::min(static_cast<size_t>(std::max(line, 0)), last)];
  for (int at = 0; at < column && offset < text_.size() && text_[offset] != '\n'; ++offset) {
    at += text_[offset] == '\t' ? kTabWidth - at % kTabWidth : 1;
  }
  return static_cast<uint32_t>(offset);
}

uint32_t TextLines::LineOf(uint32_t offset) const {
  const auto after = std::upper_bound(begins_.begin(), begins_.end(), offset);
  return static_cast<uint32_t>(after - begins_.begin());
}

absl::string_view TextLines::Line(uint32_t line) const {
  const size_t begin = begins_[line - 1];
  const size_t end = line < begins_.size() ? begins_[line] - 1 : text_.size();
  return absl::string_view(text_).substr(begin, end - begin);
}

// Hears what protobuf's parser has to complain about.
class TextErrors : public google::protobuf::io::ErrorCollector {
 public:
  explicit TextErrors(PolicySource& source) : source_(source) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    uint32_t begin = source_.lines_.OffsetOfToken(line, column);
    const std::optional<Unknown> unknown = FindUnknown(message);
    if (!unknown.has_value()) {
      source_.Error({begin, begin + 1}, message);
      return;
    }
    // Protobuf points behind the word.
    const size_t word = source_.text().rfind(unknown->word, begin);
    if (word != absl::string_view::npos) begin = static_cast<uint32_t>(word);
    const auto size = static_cast<uint32_t>(unknown->word.size());
    source_.Error({begin, begin + size},
                  absl::StrCat("unknown ", unknown->field.empty() ? "field" : "word", " '",
                               unknown->word, "'"),
                  SuggestFor(*unknown));
  }

  // An unknown field, where the parser was told to go on.
  void AddWarning(int line, google::protobuf::io::ColumnNumber column,
                  const std::string& message) override {
    AddError(line, column, message);
  }

 private:
  PolicySource& source_;
};

Place LocatedText::PlaceOf(uint32_t begin, uint32_t end) const {
  const auto last = static_cast<uint32_t>(origins.size() - 1);
  const uint32_t first_byte = origins[std::min(begin, last)];
  if (end <= begin) return {first_byte, first_byte + 1};
  return {first_byte, std::max(first_byte, origins[std::min(end, last) - 1]) + 1};
}

const FieldDescriptor& MessagePlaces::Find(absl::string_view field) const {
  return *message_->GetDescriptor()->FindFieldByName(std::string(field));
}

Place MessagePlaces::Field(absl::string_view field, int index) const {
  if (tree_ == nullptr) return own_;
  if (Find(field).is_repeated()) index = std::max(index, 0);
  auto location = tree_->GetLocation(&Find(field), index);
  // A list in brackets has one place for all of its elements.
  if (location.line < 0 && index > 0) location = tree_->GetLocation(&Find(field), 0);
  if (location.line < 0) return own_;
  const uint32_t begin = lines_->OffsetOfToken(location.line, location.column);
  return {begin, begin + static_cast<uint32_t>(field.size())};
}

LocatedText MessagePlaces::Text(absl::string_view field, int index) const {
  const FieldDescriptor& descriptor = Find(field);
  const google::protobuf::Reflection& reflection = *message_->GetReflection();
  LocatedText located;
  located.text = index < 0 ? reflection.GetString(*message_, &descriptor)
                           : reflection.GetRepeatedString(*message_, &descriptor, index);
  located.field = Field(field, index);
  located.origins = LiteralReader(lines_->text(), located.field.end).Read();
  if (located.origins.size() != located.text.size() + 1) {
    located.origins.assign(located.text.size() + 1, located.field.begin);
  }
  return located;
}

MessagePlaces MessagePlaces::Nested(absl::string_view field, int index) const {
  const FieldDescriptor& descriptor = Find(field);
  const google::protobuf::Reflection& reflection = *message_->GetReflection();
  const google::protobuf::Message& nested =
      index < 0 ? reflection.GetMessage(*message_, &descriptor)
                : reflection.GetRepeatedMessage(*message_, &descriptor, index);
  const auto* tree = tree_ == nullptr ? nullptr : tree_->GetTreeForNested(&descriptor, index);
  return {*lines_, tree, nested, Field(field, index)};
}

bool PolicySource::Parse() {
  const size_t valid = cel::ValidUtf8Prefix(text());
  if (valid < text().size()) {
    const auto byte = static_cast<uint32_t>(valid);
    Error({byte, byte}, "not UTF-8 from here on", "save the file as UTF-8");
    return false;
  }
  TextErrors errors(*this);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&tree_);
  // It is as wrong as any other mistake, but need not hide those behind it.
  parser.AllowUnknownField(true);
  return parser.ParseFromString(std::string(text()), &proto_);
}

void PolicySource::Error(Place place, absl::string_view message, absl::string_view suggestion) {
  Report(Problem::Severity::kError, place, message, suggestion);
}

void PolicySource::Warning(Place place, absl::string_view message, absl::string_view suggestion) {
  Report(Problem::Severity::kWarning, place, message, suggestion);
}

void PolicySource::Report(Problem::Severity severity, Place place, absl::string_view message,
                          absl::string_view suggestion) {
  if (problems_.size() >= kMostProblems) return;
  const uint32_t line = LineOf(place);
  const absl::string_view line_text = lines_.Line(line);
  const auto line_begin = static_cast<uint32_t>(line_text.data() - text().data());
  const size_t column_bytes = std::min<size_t>(place.begin - line_begin, line_text.size());
  const size_t mark_bytes = place.end > place.begin ? place.end - place.begin : 0;

  Problem problem;
  problem.severity = severity;
  problem.file_name = file_name_;
  problem.line = line;
  problem.column = CodePoints(line_text.substr(0, column_bytes)) + 1;
  problem.width = std::max(CodePoints(line_text.substr(column_bytes, mark_bytes)), 1u);
  problem.message = std::string(message);
  problem.suggestion = std::string(suggestion);
  if (line_text.size() <= kLongestExcerpt) {
    problem.excerpt = std::string(line_text);
    std::replace(problem.excerpt.begin(), problem.excerpt.end(), '\t', ' ');
  }
  problems_.push_back(std::move(problem));
}

std::vector<Problem> PolicySource::TakeProblems() {
  std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  return std::move(problems_);
}

}  // namespace gatehouse::policy
