#include "tests/harness/authenticator.h"

#include <liboath/oath.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

#include "tests/harness/fatal.h"

namespace gatehouse::harness {

Authenticator::Authenticator(const std::string& otpauth_uri) {
  const std::vector<std::string> parts = absl::StrSplit(otpauth_uri, absl::ByAnyChar("=&"));
  if (!absl::StartsWith(otpauth_uri, "otpauth://totp/") || parts.size() < 2) {
    Fatal("an app cannot read this URI");
  }
  base32_ = parts[1];
  char* bytes = nullptr;
  size_t size = 0;
  if (oath_base32_decode(base32_.data(), base32_.size(), &bytes, &size) != OATH_OK) {
    Fatal("the URI's secret is not in base32");
  }
  const std::unique_ptr<char, decltype(&std::free)> owned(bytes, &std::free);
  bytes_.assign(bytes, size);
}

std::string Authenticator::CodeAt(absl::Time instant) const {
  constexpr unsigned kDigits = 6;
  char code[kDigits + 1] = {};
  const int made = oath_totp_generate(bytes_.data(), bytes_.size(), absl::ToTimeT(instant),
                                      OATH_TOTP_DEFAULT_TIME_STEP_SIZE,
                                      OATH_TOTP_DEFAULT_START_TIME, kDigits, code);
  if (made != OATH_OK) Fatal("liboath makes no code");
  return code;
}

}  // namespace gatehouse::harness
