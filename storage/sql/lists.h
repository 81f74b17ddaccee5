// Lists of text in one column, readable and searchable: each item on a line of its own, with a line
// break before the first and after every one. Pure functions.
#ifndef GATEHOUSE_STORAGE_SQL_LISTS_H_
#define GATEHOUSE_STORAGE_SQL_LISTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace gatehouse::storage {

std::string WriteList(const std::vector<std::string>& items);
std::vector<std::string> ReadList(absl::string_view text);

// As WriteList, with lines "NAME<tab>VALUE".
std::string WriteMap(const std::map<std::string, std::string>& entries);
std::map<std::string, std::string> ReadMap(absl::string_view text);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_SQL_LISTS_H_
