// What every list does with its pages: how many rows fit, and whether there are more. Pure
// functions, thread-safe.
#ifndef GATEHOUSE_SERVER_OPERATIONS_CALL_PAGE_H_
#define GATEHOUSE_SERVER_OPERATIONS_CALL_PAGE_H_

#include <vector>

#include "policy/policy.h"

namespace gatehouse::server {

// `asked` was checked by RequestCheck::PageSize; 0 is the policy's default.
inline int PageSize(int asked, const policy::Policy& policy) {
  return asked > 0 ? asked : static_cast<int>(policy.Int(policy::Parameter::kPageSize));
}

// Of `rows`, for which one more than fits was asked, drops what does not fit. True if there are
// more, so that the page ends with a token.
template <typename Row>
bool CutToPage(std::vector<Row>& rows, int size) {
  const auto fits = static_cast<size_t>(size);
  if (rows.size() <= fits) return false;
  rows.erase(rows.begin() + size, rows.end());
  return true;
}

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_OPERATIONS_CALL_PAGE_H_
