#include "clients/cli/views/table.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gatehouse::cli {
namespace {

constexpr size_t kGap = 2;

// A column without a text in any row says nothing, whatever its title.
std::vector<bool> Empty(const std::vector<std::vector<Cell>>& rows) {
  std::vector<bool> empty;
  for (const auto& row : rows) {
    empty.resize(std::max(empty.size(), row.size()), true);
    for (size_t i = 0; i < row.size(); ++i) empty[i] = empty[i] && row[i].text.empty();
  }
  return empty;
}

std::vector<Cell> Without(const std::vector<bool>& dropped, const std::vector<Cell>& row) {
  std::vector<Cell> kept;
  for (size_t i = 0; i < row.size(); ++i) {
    if (i >= dropped.size() || !dropped[i]) kept.push_back(row[i]);
  }
  return kept;
}

std::string RenderRow(const std::vector<Cell>& row, const std::vector<size_t>& widths,
                      absl::string_view indent, const Look& look) {
  std::string line(indent);
  size_t owed = 0;  // Blanks that only a following text makes worth printing.
  for (size_t i = 0; i < row.size(); ++i) {
    if (!row[i].text.empty()) {
      absl::StrAppend(&line, std::string(owed, ' '), look.Paint(row[i].tone, row[i].text));
      owed = 0;
    }
    owed += widths[i] - Width(row[i].text) + kGap;
  }
  return absl::StrCat(line, "\n");
}

}  // namespace

Cell::Cell(std::string content, Tone look) : text(Printable(content)), tone(look) {}

Table::Table(std::vector<std::string> titles, absl::string_view indent)
    : titles_(std::move(titles)), indent_(indent) {}

void Table::AddRow(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }

std::string Table::Render(const Look& look) const {
  std::vector<std::vector<Cell>> rows;
  const std::vector<bool> empty = Empty(rows_);
  if (!titles_.empty()) {
    std::vector<Cell> head;
    for (const std::string& title : titles_) head.emplace_back(title, Tone::kFaint);
    rows.push_back(Without(empty, head));
  }
  for (const auto& row : rows_) rows.push_back(Without(empty, row));
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i].text));
  }
  std::string text;
  for (const auto& row : rows) absl::StrAppend(&text, RenderRow(row, widths, indent_, look));
  return text;
}

}  // namespace gatehouse::cli
