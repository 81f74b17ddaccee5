#include "server/secrets/account_secret.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

#include "server/secrets/padded_seal.h"
#include "server/secrets/unicode.h"

namespace gatehouse::server {
namespace {

bool IsLetter(char character) { return absl::ascii_isalpha(static_cast<unsigned char>(character)); }

std::string HistoryMessage(absl::string_view account_id, const SecretString& normalized) {
  return absl::StrCat("secret-history/", account_id, "/", normalized.Reveal());
}

}  // namespace

SecretString NormalizeAccountSecret(const SecretString& secret) {
  std::string text(secret.Reveal());
  absl::AsciiStrToUpper(&text);
  return SecretString::TakeFrom(text);
}

AccountSecretFacts ExamineAccountSecret(const SecretString& secret, const SecretNames& names) {
  const absl::string_view text = secret.Reveal();
  std::string letters = ToBasicLetters(text);
  const auto is = [&letters](absl::string_view name) {
    const std::string name_letters = ToBasicLetters(name);
    return !name_letters.empty() && name_letters == letters;
  };
  const AccountSecretFacts facts = {
      .length = CountCodePoints(text),
      .only_letters = !text.empty() && std::all_of(text.begin(), text.end(), IsLetter),
      .is_person_name = is(names.given_name) || is(names.family_name) || is(names.display_name) ||
                        is(absl::StrCat(names.given_name, names.family_name)),
      .is_organisation_name = is(names.organisation_name)};
  WipeString(letters);
  return facts;
}

std::string PlaceOfAccountSecret(absl::string_view account_id, int64_t secret_version) {
  return absl::StrCat("account-secret/", account_id, "/", secret_version);
}

AccountSecretVault::AccountSecretVault(const KeyRing& keys, const PasswordHasher& hasher,
                                       Entropy& entropy, Argon2Parameters history_cost)
    : keys_(keys), hasher_(hasher), entropy_(entropy), history_cost_(history_cost) {}

KeyRing::Sealed AccountSecretVault::Seal(absl::string_view account_id, int64_t secret_version,
                                         const SecretString& normalized) const {
  return SealPadded(keys_, entropy_, PlaceOfAccountSecret(account_id, secret_version), normalized);
}

absl::StatusOr<SecretString> AccountSecretVault::Open(absl::string_view account_id,
                                                      int64_t secret_version,
                                                      const KeyRing::Sealed& sealed) const {
  return OpenPadded(keys_, PlaceOfAccountSecret(account_id, secret_version), sealed);
}

absl::StatusOr<std::string> AccountSecretVault::MakeHistoryEntry(
    HashPermit& permit, absl::string_view account_id, const SecretString& normalized) const {
  std::string message = HistoryMessage(account_id, normalized);
  KeyRing::Tag tag = keys_.Mac(KeyPurpose::kSecretHistory, message);
  WipeString(message);
  const absl::StatusOr<std::string> phc =
      hasher_.Hash(permit, SecretString::TakeFrom(tag.bytes), history_cost_);
  if (!phc.ok()) return phc.status();
  return absl::StrCat(tag.key_id, *phc);  // a PHC string begins with '$', a key id holds none
}

absl::StatusOr<bool> AccountSecretVault::IsInHistory(HashPermit& permit,
                                                     absl::string_view account_id,
                                                     const SecretString& normalized,
                                                     absl::Span<const std::string> entries) const {
  std::string text = HistoryMessage(account_id, normalized);
  const SecretString message = SecretString::TakeFrom(text);
  bool found = false;
  for (const absl::string_view entry : entries) {
    const size_t key_id_size = std::min(entry.find('$'), entry.size());
    absl::StatusOr<KeyRing::Tag> tag = keys_.MacWithKey(
        KeyPurpose::kSecretHistory, entry.substr(0, key_id_size), message.Reveal());
    if (!tag.ok()) return absl::DataLossError("a former account secret names an unknown key");
    const absl::StatusOr<bool> same =
        hasher_.Verify(permit, SecretString::TakeFrom(tag->bytes), entry.substr(key_id_size));
    if (!same.ok()) return same.status();
    found = found || *same;
  }
  return found;
}

}  // namespace gatehouse::server
