#include "server/secrets/unicode.h"

#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdlib>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"

namespace gatehouse::server {
namespace {

// Calls `visit` with each code point, a negative one for bytes that are not UTF-8, until it returns
// false; whether it never did.
bool EachCodePoint(absl::string_view text, absl::FunctionRef<bool(UChar32)> visit) {
  for (size_t at = 0; at < text.size();) {
    UChar32 code_point;
    U8_NEXT(reinterpret_cast<const uint8_t*>(text.data()), at, text.size(), code_point);
    if (!visit(code_point)) return false;
  }
  return true;
}

std::string Normalize(const icu::Normalizer2& form, absl::string_view text) {
  std::string normalized;
  icu::StringByteSink<std::string> sink(&normalized);
  UErrorCode error = U_ZERO_ERROR;
  form.normalizeUTF8(0, icu::StringPiece(text.data(), static_cast<int32_t>(text.size())), sink,
                     nullptr, error);
  if (U_FAILURE(error)) std::abort();  // out of memory: nothing else fails for UTF-8
  return normalized;
}

const icu::Normalizer2& FormOf(const icu::Normalizer2* (*get)(UErrorCode&)) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const form = get(error);
  if (U_FAILURE(error)) std::abort();  // ICU's data is not installed
  return *form;
}

const icu::Normalizer2* GetNfkd(UErrorCode& error) {
  return icu::Normalizer2::getNFKDInstance(error);
}
const icu::Normalizer2* GetNfkc(UErrorCode& error) {
  return icu::Normalizer2::getNFKCInstance(error);
}
const icu::Normalizer2* GetNfkcCaseFold(UErrorCode& error) {
  return icu::Normalizer2::getNFKCCasefoldInstance(error);
}

}  // namespace

bool IsUtf8(absl::string_view text) {
  return EachCodePoint(text, [](UChar32 code_point) { return code_point >= 0; });
}

int CountCodePoints(absl::string_view text) {
  int count = 0;
  EachCodePoint(text, [&count](UChar32) {
    ++count;
    return true;
  });
  return count;
}

bool HasControlCharacters(absl::string_view text) {
  return !EachCodePoint(text, [](UChar32 code_point) { return !u_iscntrl(code_point); });
}

std::string ToNfkc(absl::string_view text) { return Normalize(FormOf(GetNfkc), text); }

std::string ToNfkcCaseFolded(absl::string_view text) {
  return Normalize(FormOf(GetNfkcCaseFold), text);
}

std::string ToComparable(absl::string_view text) {
  const std::string folded = ToNfkcCaseFolded(text);
  std::string kept;
  EachCodePoint(folded, [&kept](UChar32 code_point) {
    if (u_isalnum(code_point)) {
      char bytes[U8_MAX_LENGTH];
      size_t size = 0;
      U8_APPEND_UNSAFE(bytes, size, code_point);
      kept.append(bytes, size);
    }
    return true;
  });
  return kept;
}

std::string ToBasicLetters(absl::string_view text) {
  std::string letters;
  for (const char character : Normalize(FormOf(GetNfkd), text)) {
    if (absl::ascii_isalpha(static_cast<unsigned char>(character))) {
      letters.push_back(absl::ascii_toupper(static_cast<unsigned char>(character)));
    }
  }
  return letters;
}

}  // namespace gatehouse::server
