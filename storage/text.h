// What all account stores agree on about text: which of it can be kept, and how names are
// compared. Pure functions, thread-safe.
#ifndef GATEHOUSE_STORAGE_TEXT_H_
#define GATEHOUSE_STORAGE_TEXT_H_

#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace gatehouse::storage {

// Text is kept as UTF-8 without NUL, the common ground of all databases; anything else is
// INVALID_ARGUMENT and changes nothing. The message never holds the text.
absl::Status CheckText(std::initializer_list<absl::string_view> texts);

// The form in which names are compared and searched: NFKC, case-folded. It never fails: what is no
// text has the empty key.
std::string NameKey(absl::string_view name);

// The least text that is greater than every text which starts with `prefix`, in order of bytes.
std::string EndOfPrefix(absl::string_view prefix);

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_TEXT_H_
