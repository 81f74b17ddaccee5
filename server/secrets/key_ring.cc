#include "server/secrets/key_ring.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "sodium.h"

#include "server/secrets/key_file.h"
#include "server/secrets/key_ring_file.h"
#include "server/secrets/token.h"

// The file: a heading, then one line a key. Lines that begin with '#' are for people.
//   gatehouse-key-ring 1
//   key ID PURPOSE active|former CREATED KEY       (the key in base64url)
namespace gatehouse::server {
namespace {

constexpr absl::string_view kHeading = "gatehouse-key-ring 1";
constexpr absl::string_view kRemark =
    "# Keys of Gatehouse. Without them account secrets cannot be read: keep a copy, in safety, "
    "and\n"
    "# never beside a copy of the database.\n";
constexpr size_t kMostBytes = 4096;  // of remark, heading and one key a purpose
constexpr size_t kKeySize = 32;
constexpr size_t kKeyIdBytes = 9;  // 12 characters
static_assert(kKeySize == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);
static_assert(kKeySize >= crypto_generichash_KEYBYTES_MIN);
static_assert(KeyRing::kTagSize == crypto_generichash_BYTES);

struct PurposeName {
  KeyPurpose purpose;
  absl::string_view name;
  bool rotates = true;
};
constexpr std::array<PurposeName, 8> kPurposes = {{
    {KeyPurpose::kAccountSecret, "account-secret"},
    {KeyPurpose::kSecretHistory, "secret-history"},
    {KeyPurpose::kPageToken, "page-token"},
    {KeyPurpose::kAttemptName, "attempt-name"},
    {KeyPurpose::kRequestPayload, "request-payload"},
    {KeyPurpose::kSecondFactor, "second-factor"},
    {KeyPurpose::kCode, "code"},
    {KeyPurpose::kDecoy, "decoy", /*rotates=*/false},
}};

// Key material in pages that are locked, guarded, left out of dumps, and wiped when freed.
using Key = std::array<uint8_t, kKeySize>;
struct FreeKey {
  void operator()(Key* key) const { sodium_free(key); }
};
using KeyPointer = std::unique_ptr<Key, FreeKey>;

struct Entry {
  std::string id;
  KeyPurpose purpose = KeyPurpose::kAccountSecret;
  bool active = false;
  absl::Time created;
  KeyPointer key;
};

const uint8_t* BytesOf(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

absl::Status Unsealable() { return absl::DataLossError("a sealed value cannot be opened"); }

// One `key ...` line; the error is a sentence without a key's bytes.
absl::StatusOr<Entry> ParseKeyLine(absl::string_view line) {
  const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
  if (words.size() != 6 || words[0] != "key") {
    return absl::FailedPreconditionError("expected: key ID PURPOSE active|former CREATED KEY");
  }
  Entry entry;
  entry.id = std::string(words[1]);
  std::array<uint8_t, kKeyIdBytes> id;
  if (!Base64UrlDecode(words[1], absl::MakeSpan(id))) {
    return absl::FailedPreconditionError("the key's id is not 12 characters of base64url");
  }
  const auto* purpose =
      std::find_if(kPurposes.begin(), kPurposes.end(),
                   [&](const PurposeName& candidate) { return candidate.name == words[2]; });
  if (purpose == kPurposes.end()) {
    return absl::FailedPreconditionError(absl::StrCat("unknown purpose '", words[2], "'"));
  }
  entry.purpose = purpose->purpose;
  entry.active = words[3] == "active";
  if (!entry.active && words[3] != "former") {
    return absl::FailedPreconditionError("a key is either active or former");
  }
  if (!absl::ParseTime(absl::RFC3339_full, words[4], &entry.created, nullptr)) {
    return absl::FailedPreconditionError("the time of creation is not in RFC 3339");
  }
  entry.key.reset(static_cast<Key*>(sodium_malloc(sizeof(Key))));
  if (entry.key == nullptr) return absl::ResourceExhaustedError("no memory for the keys");
  if (!Base64UrlDecode(words[5], absl::MakeSpan(*entry.key))) {
    return absl::FailedPreconditionError("the key is not 32 bytes in base64url");
  }
  return entry;
}

// Ids are unique, and every purpose has exactly one active key.
absl::Status CheckComplete(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    if (std::count_if(entries.begin(), entries.end(),
                      [&](const Entry& other) { return other.id == entry.id; }) != 1) {
      return absl::FailedPreconditionError(absl::StrCat("key id ", entry.id, " occurs twice"));
    }
  }
  for (const PurposeName& purpose : kPurposes) {
    const auto active = std::count_if(entries.begin(), entries.end(), [&](const Entry& entry) {
      return entry.active && entry.purpose == purpose.purpose;
    });
    if (active != 1) {
      return absl::FailedPreconditionError(
          absl::StrCat("there must be one active key for ", purpose.name, ", not ", active,
                       active == 0 ? "; run: gatehouse-server keys rotate" : ""));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Entry>> ParseRing(absl::string_view text) {
  std::vector<Entry> entries;
  bool heading_seen = false;
  int line_number = 0;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++line_number;
    if (line.empty() || line.front() == '#') continue;
    if (!heading_seen) {
      if (line != kHeading) {
        return absl::FailedPreconditionError(
            absl::StrCat("line ", line_number, ": expected '", kHeading, "'"));
      }
      heading_seen = true;
      continue;
    }
    absl::StatusOr<Entry> entry = ParseKeyLine(line);
    if (!entry.ok()) {
      return absl::Status(entry.status().code(),
                          absl::StrCat("line ", line_number, ": ", entry.status().message()));
    }
    entries.push_back(*std::move(entry));
  }
  return entries;
}

absl::Status InRing(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat("key ring ", path, ": ", status.message()));
}

// A ring's text and what it says, be it complete or not.
struct RingFile {
  SecretString text;
  std::vector<Entry> entries;
};

absl::StatusOr<RingFile> ReadRing(const std::string& path) {
  if (sodium_init() < 0) return absl::InternalError("libsodium cannot be initialised");
  absl::StatusOr<SecretString> text = ReadKeyFile(path);
  if (!text.ok()) return text.status();
  absl::StatusOr<std::vector<Entry>> entries = ParseRing(text->Reveal());
  if (!entries.ok()) return InRing(path, entries.status());
  return RingFile{.text = *std::move(text), .entries = *std::move(entries)};
}

// Collects a ring's text without leaving copies of keys behind by growing.
class RingWriter {
 public:
  explicit RingWriter(size_t size) { text_.reserve(size); }
  ~RingWriter() { WipeString(text_); }
  RingWriter(const RingWriter&) = delete;
  RingWriter& operator=(const RingWriter&) = delete;

  void Append(absl::string_view text) { text_.append(text.data(), text.size()); }
  void AppendNewKey(absl::string_view purpose, absl::Time now, Entropy& entropy);
  SecretString Take() { return SecretString::TakeFrom(text_); }

 private:
  std::string text_;
};

absl::string_view NameOf(KeyPurpose purpose) {
  return std::find_if(kPurposes.begin(), kPurposes.end(),
                      [purpose](const PurposeName& name) { return name.purpose == purpose; })
      ->name;
}

void RingWriter::AppendNewKey(absl::string_view purpose, absl::Time now, Entropy& entropy) {
  std::array<uint8_t, kKeyIdBytes> id;
  entropy.Fill(absl::MakeSpan(id));
  const SecretBytes key(kKeySize, [&](absl::Span<uint8_t> bytes) { entropy.Fill(bytes); });
  std::string encoded = Base64UrlEncode(key.Reveal());
  Append(absl::StrCat("key ", Base64UrlEncode(id), " ", purpose, " active ",
                      absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", now, absl::UTCTimeZone()), " "));
  Append(encoded);
  Append("\n");
  WipeString(encoded);
}

}  // namespace

struct KeyRing::Keys {
  // There is always one: CheckComplete saw to it.
  const Entry& Active(KeyPurpose purpose) const {
    return *std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
      return entry.active && entry.purpose == purpose;
    });
  }

  const Entry* Find(KeyPurpose purpose, absl::string_view id) const {
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) {
      return entry.purpose == purpose && entry.id == id;
    });
    return found == entries.end() ? nullptr : &*found;
  }

  static Tag MacWith(const Entry& entry, absl::string_view message) {
    Tag tag = {.key_id = entry.id, .bytes = std::string(kTagSize, '\0')};
    crypto_generichash(reinterpret_cast<uint8_t*>(tag.bytes.data()), tag.bytes.size(),
                       BytesOf(message), message.size(), entry.key->data(), entry.key->size());
    return tag;
  }

  std::vector<Entry> entries;
};

absl::Status CreateKeyRing(const std::string& path, Entropy& entropy, const Clock& clock) {
  RingWriter ring(kMostBytes);
  ring.Append(absl::StrCat(kRemark, kHeading, "\n"));
  for (const PurposeName& purpose : kPurposes) {
    ring.AppendNewKey(purpose.name, clock.Now(), entropy);
  }
  return WriteNewKeyFile(path, ring.Take());
}

absl::StatusOr<std::vector<KeyDescription>> ListKeys(const std::string& path) {
  const absl::StatusOr<RingFile> file = ReadRing(path);
  if (!file.ok()) return file.status();
  std::vector<KeyDescription> keys;
  for (const Entry& entry : file->entries) {
    keys.push_back({.id = entry.id,
                    .purpose = entry.purpose,
                    .purpose_name = std::string(NameOf(entry.purpose)),
                    .active = entry.active,
                    .created = entry.created});
  }
  return keys;
}

absl::Status RotateKeyRing(const std::string& path, Entropy& entropy, const Clock& clock) {
  const absl::StatusOr<RingFile> file = ReadRing(path);
  if (!file.ok()) return file.status();
  const auto stays = [&file](const PurposeName& purpose) {
    return !purpose.rotates &&
           std::any_of(file->entries.begin(), file->entries.end(), [&](const Entry& entry) {
             return entry.active && entry.purpose == purpose.purpose;
           });
  };
  RingWriter ring(file->text.size() + kMostBytes);
  for (const absl::string_view line : absl::StrSplit(file->text.Reveal(), '\n')) {
    constexpr absl::string_view kActive = " active ";
    const bool rotates =
        absl::StartsWith(line, "key ") &&
        std::none_of(kPurposes.begin(), kPurposes.end(), [&](const PurposeName& purpose) {
          return stays(purpose) &&
                 absl::StrContains(line, absl::StrCat(" ", purpose.name, kActive));
        });
    const size_t active = rotates ? line.find(kActive) : line.npos;
    ring.Append(line.substr(0, active));
    if (active != line.npos) {
      ring.Append(" former ");
      ring.Append(line.substr(active + kActive.size()));
    }
    if (!line.empty()) ring.Append("\n");
  }
  for (const PurposeName& purpose : kPurposes) {
    if (!stays(purpose)) ring.AppendNewKey(purpose.name, clock.Now(), entropy);
  }
  return ReplaceKeyFile(path, ring.Take());
}

absl::Status CheckRemovable(const std::string& path, absl::string_view key_id) {
  const absl::StatusOr<RingFile> file = ReadRing(path);
  if (!file.ok()) return file.status();
  const auto entry = std::find_if(file->entries.begin(), file->entries.end(),
                                  [&](const Entry& candidate) { return candidate.id == key_id; });
  if (entry == file->entries.end()) {
    return InRing(path, absl::NotFoundError(absl::StrCat("it has no key ", key_id)));
  }
  if (!entry->active) return absl::OkStatus();
  return InRing(path, absl::FailedPreconditionError(absl::StrCat(
                          "key ", key_id, " is active; run first: gatehouse-server keys rotate")));
}

absl::Status RemoveKey(const std::string& path, absl::string_view key_id) {
  const absl::Status removable = CheckRemovable(path, key_id);
  if (!removable.ok()) return removable;
  const absl::StatusOr<RingFile> file = ReadRing(path);
  if (!file.ok()) return file.status();
  RingWriter ring(file->text.size() + 1);
  for (const absl::string_view line : absl::StrSplit(file->text.Reveal(), '\n')) {
    if (line.empty() || absl::StartsWith(line, absl::StrCat("key ", key_id, " "))) continue;
    ring.Append(line);
    ring.Append("\n");
  }
  return ReplaceKeyFile(path, ring.Take());
}

absl::StatusOr<KeyRing> KeyRing::Load(const std::string& path) {
  absl::StatusOr<RingFile> file = ReadRing(path);
  if (!file.ok()) return file.status();
  const absl::Status complete = CheckComplete(file->entries);
  if (!complete.ok()) return InRing(path, complete);
  auto keys = std::make_unique<Keys>();
  keys->entries = std::move(file->entries);
  return KeyRing(std::move(keys));
}

KeyRing::KeyRing(std::unique_ptr<Keys> keys) : keys_(std::move(keys)) {}
KeyRing::KeyRing(KeyRing&&) noexcept = default;
KeyRing& KeyRing::operator=(KeyRing&&) noexcept = default;
KeyRing::~KeyRing() = default;

KeyRing::Sealed KeyRing::Seal(KeyPurpose purpose, absl::Span<const uint8_t> plaintext,
                              absl::string_view bound_to, Entropy& entropy) const {
  const Entry& entry = keys_->Active(purpose);
  constexpr size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  Sealed sealed = {
      .key_id = entry.id,
      .bytes =
          std::string(kNonce + plaintext.size() + crypto_aead_xchacha20poly1305_ietf_ABYTES, '\0')};
  auto* const nonce = reinterpret_cast<uint8_t*>(sealed.bytes.data());
  entropy.Fill({nonce, kNonce});
  crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + kNonce, nullptr, plaintext.data(),
                                             plaintext.size(), BytesOf(bound_to), bound_to.size(),
                                             nullptr, nonce, entry.key->data());
  return sealed;
}

absl::StatusOr<SecretBytes> KeyRing::Open(KeyPurpose purpose, const Sealed& sealed,
                                          absl::string_view bound_to) const {
  constexpr size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
  constexpr size_t kOverhead = kNonce + crypto_aead_xchacha20poly1305_ietf_ABYTES;
  const Entry* const entry = keys_->Find(purpose, sealed.key_id);
  if (entry == nullptr || sealed.bytes.size() < kOverhead) return Unsealable();
  const uint8_t* const nonce = BytesOf(sealed.bytes);
  bool opened = false;
  SecretBytes plaintext(sealed.bytes.size() - kOverhead, [&](absl::Span<uint8_t> bytes) {
    opened = crypto_aead_xchacha20poly1305_ietf_decrypt(
                 bytes.data(), nullptr, nullptr, nonce + kNonce, sealed.bytes.size() - kNonce,
                 BytesOf(bound_to), bound_to.size(), nonce, entry->key->data()) == 0;
  });
  if (!opened) return Unsealable();
  return plaintext;
}

KeyRing::Tag KeyRing::Mac(KeyPurpose purpose, absl::string_view message) const {
  return Keys::MacWith(keys_->Active(purpose), message);
}

absl::StatusOr<KeyRing::Tag> KeyRing::MacWithKey(KeyPurpose purpose, absl::string_view key_id,
                                                 absl::string_view message) const {
  const Entry* const entry = keys_->Find(purpose, key_id);
  if (entry == nullptr) return absl::NotFoundError("the key ring does not hold this key");
  return Keys::MacWith(*entry, message);
}

bool KeyRing::Has(KeyPurpose purpose, absl::string_view key_id) const {
  return keys_->Find(purpose, key_id) != nullptr;
}

bool KeyRing::VerifyMac(KeyPurpose purpose, absl::string_view message, const Tag& tag) const {
  const Entry* const entry = keys_->Find(purpose, tag.key_id);
  if (entry == nullptr) return false;
  const Tag expected = Keys::MacWith(*entry, message);
  return ConstantTimeEquals({BytesOf(tag.bytes), tag.bytes.size()},
                            {BytesOf(expected.bytes), expected.bytes.size()});
}

}  // namespace gatehouse::server
