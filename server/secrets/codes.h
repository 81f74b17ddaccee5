// Codes that people type: digits that are sent to them, and codes printed beforehand; how they are
// drawn, how what was typed is read, and the keyed hashes by which they are kept. Thread-safe.
#ifndef GATEHOUSE_SERVER_SECRETS_CODES_H_
#define GATEHOUSE_SERVER_SECRETS_CODES_H_

#include <string>

#include "absl/strings/string_view.h"

#include "server/runtime/entropy.h"
#include "server/secrets/key_ring.h"
#include "server/secrets/secret_string.h"

namespace gatehouse::server {

SecretString DrawDigits(Entropy& entropy, int64_t count);

// Three groups of four, 59 bits in all, without letters that are taken for others: k7mq-4xpd-w9hn.
SecretString DrawPrintedCode(Entropy& entropy);

// Letters in lower case and digits, and nothing of what people put between them.
SecretString NormalizeCode(absl::string_view typed);

// The keyed hash of a code for one use, which `place` names.
KeyRing::Tag HashCode(const KeyRing& keys, absl::string_view place, const SecretString& normalized);

// Whether `hash` is of this code in this place. In constant time; false where the key is gone.
bool IsHashOfCode(const KeyRing& keys, absl::string_view place, const SecretString& normalized,
                  const KeyRing::Tag& hash);

// To what a code is bound when it is sealed into a message that has yet to leave.
std::string PlaceOfCodeOnItsWay(absl::string_view message_id);

// A hash as one line of text. Reading what was not written so gives a hash of nothing.
std::string WriteCodeHash(const KeyRing::Tag& hash);
KeyRing::Tag ReadCodeHash(absl::string_view text);

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_SECRETS_CODES_H_
