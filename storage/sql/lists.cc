#include "storage/sql/lists.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace gatehouse::storage {
namespace {

// Escapes line breaks, tabs and all that cannot be shown; other languages stay readable.
std::string Escape(absl::string_view item) { return absl::Utf8SafeCEscape(item); }

std::string Unescape(absl::string_view text) {
  std::string item;
  absl::CUnescape(text, &item);
  return item;
}

std::vector<absl::string_view> Lines(absl::string_view text) {
  if (text.empty()) return {};
  return absl::StrSplit(text.substr(1, text.size() - 2), '\n');
}

}  // namespace

std::string WriteList(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) {
    absl::StrAppend(&text, text.empty() ? "\n" : "", Escape(item), "\n");
  }
  return text;
}

std::vector<std::string> ReadList(absl::string_view text) {
  std::vector<std::string> items;
  for (const absl::string_view line : Lines(text)) items.push_back(Unescape(line));
  return items;
}

std::string WriteMap(const std::map<std::string, std::string>& entries) {
  std::string text;
  for (const auto& [name, value] : entries) {
    absl::StrAppend(&text, text.empty() ? "\n" : "", Escape(name), "\t", Escape(value), "\n");
  }
  return text;
}

std::map<std::string, std::string> ReadMap(absl::string_view text) {
  std::map<std::string, std::string> entries;
  for (const absl::string_view line : Lines(text)) {
    const std::pair<absl::string_view, absl::string_view> entry =
        absl::StrSplit(line, absl::MaxSplits('\t', 1));
    entries.emplace(Unescape(entry.first), Unescape(entry.second));
  }
  return entries;
}

}  // namespace gatehouse::storage
