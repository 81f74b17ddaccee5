// What this folder needs of Unicode, over ICU: UTF-8 in, UTF-8 out. Pure functions, thread-safe.
#ifndef GATEHOUSE_SERVER_SECRETS_UNICODE_H_
#define GATEHOUSE_SERVER_SECRETS_UNICODE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace gatehouse::server {

bool IsUtf8(absl::string_view text);

// These take UTF-8 and nothing else.
int CountCodePoints(absl::string_view text);
bool HasControlCharacters(absl::string_view text);
std::string ToNfkc(absl::string_view text);
// NFKC, case folded, without characters that show nothing.
std::string ToNfkcCaseFolded(absl::string_view text);
// The letters and digits of ToNfkcCaseFolded: for "is this name in there?".
std::string ToComparable(absl::string_view text);
// The letters A to Z that remain when case, accents and all else are taken away.
std::string ToBasicLetters(absl::string_view text);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_UNICODE_H_
