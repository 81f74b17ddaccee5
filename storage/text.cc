#include "storage/text.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/stringpiece.h>
#include <unicode/utf8.h>

#include <cstdint>

#include "absl/strings/str_cat.h"

namespace gatehouse::storage {
namespace {

bool IsText(absl::string_view bytes) {
  const auto* const data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  const auto size = static_cast<std::int32_t>(bytes.size());
  for (std::int32_t i = 0; i < size;) {
    if (data[i] - 1 < 0x7f) {  // the common case: ASCII, and not NUL
      if (data[i] == 0) return false;
      ++i;
      continue;
    }
    UChar32 code_point;
    U8_NEXT(data, i, size, code_point);
    if (code_point <= 0) return false;
  }
  return true;
}

}  // namespace

absl::Status CheckText(std::initializer_list<absl::string_view> texts) {
  for (const absl::string_view text : texts) {
    if (!IsText(text)) return absl::InvalidArgumentError("text must be UTF-8 without NUL");
  }
  return absl::OkStatus();
}

std::string NameKey(absl::string_view name) {
  std::string key;
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const folding = icu::Normalizer2::getNFKCCasefoldInstance(error);
  if (U_FAILURE(error) || !IsText(name)) return key;
  icu::StringByteSink<std::string> sink(&key);
  folding->normalizeUTF8(0, icu::StringPiece(name.data(), static_cast<std::int32_t>(name.size())),
                         sink, nullptr, error);
  return U_FAILURE(error) ? std::string() : key;
}

std::string EndOfPrefix(absl::string_view prefix) {
  return absl::StrCat(prefix, "\U0010FFFF");  // no character, and greater than all of them
}

}  // namespace gatehouse::storage
