// UTF-8, strictly: no overlong forms, no surrogates, nothing beyond U+10FFFF. Pure, thread-safe.
#ifndef GATEHOUSE_POLICY_CEL_UTF8_H_
#define GATEHOUSE_POLICY_CEL_UTF8_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace gatehouse::policy::cel {

// Bytes of `text` up to the first that is no part of valid UTF-8; text.size() if all are.
size_t ValidUtf8Prefix(absl::string_view text);

inline bool IsValidUtf8(absl::string_view text) { return ValidUtf8Prefix(text) == text.size(); }

// Of valid UTF-8.
size_t CountCodePoints(absl::string_view text);

// Whether the number is a code point that text may contain.
bool IsCodePoint(uint32_t number);

void AppendUtf8(uint32_t code_point, std::string& out);

}  // namespace gatehouse::policy::cel

#endif  // GATEHOUSE_POLICY_CEL_UTF8_H_
