// The words that temporary passwords are made of: short, common, harmless, and told apart over a
// telephone (no two that sound alike, no numbers). Sorted, all different, 4 to 8 letters a to z.
#ifndef GATEHOUSE_SERVER_SECRETS_WORDS_H_
#define GATEHOUSE_SERVER_SECRETS_WORDS_H_

#include <array>

#include "absl/strings/string_view.h"

namespace gatehouse::server {

inline constexpr unsigned kWordCount = 1266;
extern const std::array<absl::string_view, kWordCount> kWords;

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_WORDS_H_
