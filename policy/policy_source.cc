#include "policy/policy_source.h"

#include <algorithm>
#include <utility>

#include "policy/cel/utf8.h"
#include "policy/textproto_reader.h"

namespace gatehouse::policy {
namespace {

// Of a line, in bytes: what is longer is not shown, nor marked further than that.
constexpr size_t kLongestExcerpt = 160;

uint32_t CodePoints(absl::string_view text) {
  return static_cast<uint32_t>(cel::CountCodePoints(text));
}

// Columns of places that come in the order of the text: long lines are walked along once.
class Columns {
 public:
  explicit Columns(const TextLines& lines) : lines_(lines) {}

  // Of a place in that line.
  uint32_t ColumnOf(uint32_t line, uint32_t offset) {
    const absl::string_view text = lines_.Line(line);
    const auto begin = static_cast<uint32_t>(text.data() - lines_.text().data());
    if (line != line_) {
      line_ = line;
      at_ = begin;
      column_ = 1;
    }
    const uint32_t end = std::min(offset, begin + static_cast<uint32_t>(text.size()));
    column_ += CodePoints(lines_.text().substr(at_, end - at_));
    at_ = end;
    return column_;
  }

 private:
  const TextLines& lines_;
  uint32_t line_ = 0;
  uint32_t at_ = 0;
  uint32_t column_ = 1;
};

}  // namespace

bool PolicySource::Read() {
  const size_t valid = cel::ValidUtf8Prefix(text());
  if (valid < text().size()) {
    const auto byte = static_cast<uint32_t>(valid);
    Error({byte, byte}, "not UTF-8 from here on", "save the file as UTF-8");
    return false;
  }
  written_ = ReadTextproto(text(), proto_,
                           [this](Place place, std::string message, std::string suggestion) {
                             Error(place, message, suggestion);
                             return !has_enough();
                           });
  return true;
}

void PolicySource::Error(Place place, absl::string_view message, absl::string_view suggestion) {
  if (has_enough()) return;
  ++errors_;
  reports_.push_back(
      {Problem::Severity::kError, place, std::string(message), std::string(suggestion)});
}

void PolicySource::Warning(Place place, absl::string_view message, absl::string_view suggestion) {
  if (warnings_ >= kMostProblems) return;
  ++warnings_;
  reports_.push_back(
      {Problem::Severity::kWarning, place, std::string(message), std::string(suggestion)});
}

std::vector<Problem> PolicySource::TakeProblems() {
  const auto by_place = [](const Report& a, const Report& b) {
    return a.place.begin < b.place.begin;
  };
  std::stable_sort(reports_.begin(), reports_.end(), by_place);
  if (has_enough()) {
    reports_.push_back({Problem::Severity::kError, reports_.back().place,
                        "so many errors that others are not looked for", ""});
  }
  std::vector<Problem> problems;
  Columns columns(lines_);
  for (Report& report : reports_) {
    const Place place = report.place;
    Problem& problem = problems.emplace_back();
    problem.severity = report.severity;
    problem.file_name = file_name_;
    problem.line = LineOf(place);
    problem.column = columns.ColumnOf(problem.line, place.begin);
    problem.message = std::move(report.message);
    problem.suggestion = std::move(report.suggestion);
    const absl::string_view line = lines_.Line(problem.line);
    if (line.size() > kLongestExcerpt) continue;
    const size_t before = std::min<size_t>(
        place.begin - static_cast<size_t>(line.data() - text().data()), line.size());
    const absl::string_view marked =
        line.substr(before, std::max(place.end, place.begin) - place.begin);
    problem.width = std::max(CodePoints(marked), 1u);
    problem.excerpt = std::string(line.substr(0, cel::ValidUtf8Prefix(line)));
    std::replace(problem.excerpt.begin(), problem.excerpt.end(), '\t', ' ');
  }
  reports_.clear();
  return problems;
}

}  // namespace gatehouse::policy
