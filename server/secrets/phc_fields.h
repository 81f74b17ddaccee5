// The fields of a hash in PHC form: numbers by name, and bytes in base64 without padding, both
// in the one way in which they are written. Pure functions, thread-safe.
#ifndef GATEHOUSE_SERVER_SECRETS_PHC_FIELDS_H_
#define GATEHOUSE_SERVER_SECRETS_PHC_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace gatehouse::server {

inline constexpr size_t kLongestPhc = 256;  // characters that are read

// `NAME=DECIMAL`, without sign or leading zero.
bool ParsePhcNumber(absl::string_view text, absl::string_view name, uint32_t& out);

// 8 to 64 bytes, and 16 to 64.
bool DecodePhcSalt(absl::string_view text, std::vector<uint8_t>& out);
bool DecodePhcTag(absl::string_view text, std::vector<uint8_t>& out);

std::string EncodePhcBytes(absl::Span<const uint8_t> bytes);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_PHC_FIELDS_H_
