// A table of text: columns as wide as their widest cell, two blanks between them, nothing at a
// line's end. Cells are made printable. Not thread-safe.

#ifndef GATEHOUSE_CLIENTS_CLI_VIEWS_TABLE_H_
#define GATEHOUSE_CLIENTS_CLI_VIEWS_TABLE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

#include "clients/cli/views/look.h"

namespace gatehouse::cli {

struct Cell {
  // Implicit, so that rows read as lists of texts.
  Cell(std::string content, Tone look = Tone::kPlain);       // NOLINT(google-explicit-constructor)
  Cell(const char* content) : Cell(std::string(content)) {}  // NOLINT(google-explicit-constructor)

  std::string text;
  Tone tone;
};

class Table {
 public:
  // Without titles it is a list of pairs, or of whatever its rows are.
  explicit Table(std::vector<std::string> titles = {}, absl::string_view indent = "");

  void AddRow(std::vector<Cell> cells);
  bool empty() const { return rows_.empty(); }

  // Ends with a line break unless it is empty.
  std::string Render(const Look& look) const;

 private:
  std::vector<std::string> titles_;
  std::string indent_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace gatehouse::cli

#endif  // GATEHOUSE_CLIENTS_CLI_VIEWS_TABLE_H_
