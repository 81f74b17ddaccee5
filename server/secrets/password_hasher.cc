#include "server/secrets/password_hasher.h"

#include <array>
#include <cstdint>

#include "absl/status/status.h"

namespace gatehouse::server {
namespace {

absl::Span<const uint8_t> BytesOf(const SecretString& secret) {
  const absl::string_view text = secret.Reveal();
  return {reinterpret_cast<const uint8_t*>(text.data()), text.size()};
}

absl::StatusOr<bool> ComputesTo(HashPermit& permit, const SecretString& password,
                                const PhcHash& expected) {
  std::vector<uint8_t> tag(expected.tag.size());
  const absl::Status computed = permit.workspace().Compute(
      BytesOf(password), expected.salt, expected.parameters, absl::MakeSpan(tag), expected.variant);
  if (!computed.ok()) return computed;
  return ConstantTimeEquals(tag, expected.tag);
}

}  // namespace

PasswordHasher::PasswordHasher(Entropy& entropy, Argon2Limits limits,
                               ForeignHashLimits foreign_limits)
    : entropy_(entropy), limits_(limits), foreign_limits_(foreign_limits) {}

absl::StatusOr<std::string> PasswordHasher::Hash(HashPermit& permit, const SecretString& password,
                                                 const Argon2Parameters& parameters) const {
  absl::Status status = CheckArgon2Parameters(parameters, limits_);
  if (!status.ok()) return status;
  PhcHash hash = {.parameters = parameters,
                  .salt = std::vector<uint8_t>(PhcHash::kSaltSize),
                  .tag = std::vector<uint8_t>(PhcHash::kTagSize)};
  entropy_.Fill(absl::MakeSpan(hash.salt));
  status = permit.workspace().Compute(BytesOf(password), hash.salt, parameters,
                                      absl::MakeSpan(hash.tag));
  if (!status.ok()) return status;
  return FormatPhc(hash);
}

absl::StatusOr<bool> PasswordHasher::Verify(HashPermit& permit, const SecretString& password,
                                            absl::string_view phc) const {
  if (!CheckVerifiable(phc).ok()) {
    return absl::DataLossError("a stored password hash cannot be read or exceeds the limits");
  }
  if (IsForeignHash(phc)) return VerifyForeignHash(password, phc);
  return ComputesTo(permit, password, *ParsePhc(phc));
}

absl::Status PasswordHasher::CheckVerifiable(absl::string_view phc) const {
  if (IsForeignHash(phc)) return CheckForeignHash(phc, foreign_limits_);
  const absl::StatusOr<PhcHash> parsed = ParsePhc(phc);
  if (!parsed.ok()) return parsed.status();
  return CheckArgon2Parameters(parsed->parameters, limits_);
}

absl::Status PasswordHasher::VerifyDummy(HashPermit& permit, const SecretString& password,
                                         const Argon2Parameters& parameters) const {
  const absl::Status status = CheckArgon2Parameters(parameters, limits_);
  if (!status.ok()) return status;
  const PhcHash nobody = {.parameters = parameters,
                          .salt = std::vector<uint8_t>(PhcHash::kSaltSize),
                          .tag = std::vector<uint8_t>(PhcHash::kTagSize)};
  return ComputesTo(permit, password, nobody).status();
}

bool PasswordHasher::NeedsRehash(absl::string_view phc, const Argon2Parameters& parameters) {
  const absl::StatusOr<PhcHash> stored = ParsePhc(phc);
  return !stored.ok() || stored->variant != Argon2Variant::kId ||
         stored->parameters != parameters || stored->salt.size() != PhcHash::kSaltSize ||
         stored->tag.size() != PhcHash::kTagSize;
}

bool PasswordHasher::CanRehash(absl::string_view phc, const SecretString& password) {
  return ForeignHashReadsAllOf(password, phc);
}

}  // namespace gatehouse::server
