// Codes of authenticator apps: RFC 6238 with what all apps take for granted, HMAC-SHA-1, steps of
// 30 seconds and 6 digits. Computed by liboath. Pure functions, thread-safe.
#ifndef GATEHOUSE_SERVER_SECRETS_TOTP_H_
#define GATEHOUSE_SERVER_SECRETS_TOTP_H_

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "server/runtime/entropy.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {

// As long as RFC 4226, section 4, recommends: 20 bytes.
SecretBytes NewTotpSecret(Entropy& entropy);

// The number of the step in which `instant` is.
int64_t TotpStepAt(absl::Time instant);

SecretString TotpCode(const SecretBytes& secret, int64_t step);

// The step whose code `code` is, among those within `drift_steps` of `now` and after `used_step`;
// nullopt: none. Takes the same time whichever it is.
std::optional<int64_t> FindTotpStep(const SecretBytes& secret, absl::string_view code,
                                    absl::Time now, int64_t drift_steps, int64_t used_step);

// What an app reads from a QR code: otpauth://totp/ISSUER:NAME?secret=...&issuer=ISSUER. Both names
// are of letters, digits and `-._`.
SecretString OtpauthUri(const SecretBytes& secret, absl::string_view issuer,
                        absl::string_view name);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_TOTP_H_
