#include "server/secrets/password_strength.h"

#include <zxcvbn.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "server/secrets/unicode.h"
#include "server/secrets/words.h"

namespace gatehouse::server {
namespace {

constexpr size_t kLongestEstimated = 128;  // bytes; the estimate's cost grows faster than its input

constexpr int kTemporaryWords = 3;
constexpr uint32_t kLeastNumber = 100;
constexpr uint32_t kNumbers = 900;

constexpr bool HasEntropyOf40Bits() {
  uint64_t passwords = kNumbers;
  for (int i = 0; i < kTemporaryWords; ++i) passwords *= kWordCount;
  return passwords >= uint64_t{1} << 40;
}
static_assert(HasEntropyOf40Bits());

struct Estimate {
  double guesses_log10 = 0;
  bool is_one_known_pattern = false;
};

// Whether the one pattern that zxcvbn found covers all of the password: an entry of its lists of
// common passwords, names and words, perhaps in "leet", a keyboard walk, a sequence, a repetition.
bool IsOneKnownPattern(const ZxcMatch_t* match, size_t size) {
  if (match == nullptr || match->Next != nullptr) return false;
  return match->Type != NON_MATCH && match->Type != BRUTE_MATCH && match->Type != LONG_PWD_MATCH &&
         static_cast<size_t>(match->Length) == size;
}

Estimate EstimateStrength(absl::string_view password, const std::vector<std::string>& names) {
  std::string bounded(password.substr(0, kLongestEstimated));
  std::vector<const char*> dictionary;
  dictionary.reserve(names.size() + 1);
  for (const std::string& name : names) dictionary.push_back(name.c_str());
  dictionary.push_back(nullptr);
  ZxcMatch_t* matches = nullptr;
  const double bits = ZxcvbnMatch(bounded.c_str(), dictionary.data(), &matches);
  const Estimate estimate{.guesses_log10 = bits * std::log10(2.0),
                          .is_one_known_pattern = IsOneKnownPattern(matches, bounded.size())};
  ZxcvbnFreeInfo(matches);
  WipeString(bounded);
  return estimate;
}

}  // namespace

absl::StatusOr<SecretString> NormalizePassword(const SecretString& password) {
  const absl::string_view text = password.Reveal();
  if (!IsUtf8(text)) return absl::InvalidArgumentError("a password is UTF-8 text");
  if (HasControlCharacters(text)) {
    return absl::InvalidArgumentError("a password holds no control characters");
  }
  std::string normalized = ToNfkc(text);
  return SecretString::TakeFrom(normalized);
}

PasswordFacts ExaminePassword(const SecretString& normalized,
                              absl::Span<const absl::string_view> names, int shortest_name) {
  std::vector<std::string> sought;
  for (const absl::string_view name : names) {
    std::string comparable = ToComparable(name);
    if (CountCodePoints(comparable) >= std::max(shortest_name, 1)) {
      sought.push_back(std::move(comparable));
    }
  }
  std::string comparable = ToComparable(normalized.Reveal());
  const Estimate estimate = EstimateStrength(normalized.Reveal(), sought);
  const PasswordFacts facts = {
      .length = CountCodePoints(normalized.Reveal()),
      .contains_name =
          std::any_of(sought.begin(), sought.end(),
                      [&](const std::string& name) { return absl::StrContains(comparable, name); }),
      .common = estimate.is_one_known_pattern,
      .guesses_log10 = estimate.guesses_log10};
  WipeString(comparable);
  return facts;
}

SecretString GenerateTemporaryPassword(Entropy& entropy) {
  std::string password;
  for (int i = 0; i < kTemporaryWords; ++i) {
    absl::StrAppend(&password, kWords[entropy.Below(kWordCount)], "-");
  }
  absl::StrAppend(&password, kLeastNumber + entropy.Below(kNumbers));
  return SecretString::TakeFrom(password);
}

}  // namespace gatehouse::server
