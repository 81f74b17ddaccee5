#include "storage/redis/session_record_codec.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace gatehouse::storage {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMaximumListSize = 7;
constexpr std::size_t kIdSize = 16;
constexpr std::size_t kIdTextSize = 22;
constexpr std::uint8_t kIdFollows = 255;
constexpr std::int64_t kMicrosecondsPerSecond = 1'000'000;
// No instant is later than this (the year 2255), and no span longer: sums never overflow.
constexpr std::int64_t kMaximumMicroseconds = std::int64_t{1} << 53;

enum RoleScope : std::uint8_t { kSystem = 0, kOfTheSession = 1, kNamed = 2 };

// The 16 bytes that `text` is the base64url form of; nullopt when it is something else.
std::optional<std::string> IdBytes(absl::string_view text) {
  std::string bytes;
  if (text.size() != kIdTextSize || !absl::WebSafeBase64Unescape(text, &bytes) ||
      bytes.size() != kIdSize || absl::WebSafeBase64Escape(bytes) != text) {
    return std::nullopt;
  }
  return bytes;
}

// Appends; remembers whether everything could be told.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void Byte(std::uint64_t value) {
    ok_ = ok_ && value <= std::numeric_limits<std::uint8_t>::max();
    out_.push_back(static_cast<char>(value));
  }

  template <typename Integer>
  void BigEndian(Integer value) {
    for (int shift = 8 * (static_cast<int>(sizeof(value)) - 1); shift >= 0; shift -= 8) {
      out_.push_back(static_cast<char>(value >> shift));
    }
  }

  void Varint(std::int64_t value) {
    ok_ = ok_ && value >= 0;
    auto rest = static_cast<std::uint64_t>(value);
    for (; rest >= 0x80; rest >>= 7) out_.push_back(static_cast<char>(rest | 0x80));
    out_.push_back(static_cast<char>(rest));
  }

  void Instant(std::int64_t microseconds) {
    ok_ = ok_ && microseconds <= kMaximumMicroseconds;
    Varint(microseconds);
  }

  void Span(std::int64_t microseconds) {
    ok_ = ok_ && microseconds > 0 && microseconds <= kMaximumMicroseconds;
    if (!ok_) return;
    Varint(microseconds % kMicrosecondsPerSecond == 0 ? microseconds / kMicrosecondsPerSecond * 2
                                                      : microseconds * 2 + 1);
  }

  void Name(absl::string_view name) {
    if (const std::optional<std::string> id = IdBytes(name); id.has_value()) {
      Byte(kIdFollows);
      out_ += *id;
    } else {
      ok_ = ok_ && name.size() < kIdFollows;
      Byte(name.size());
      absl::StrAppend(&out_, name);
    }
  }

  template <typename Enum>
  void Enumerator(Enum value, int shift, std::uint64_t low_bits) {
    ok_ = ok_ && value > 0;
    Byte((static_cast<std::uint64_t>(value) << shift) | low_bits);
  }

  bool ok() const { return ok_; }

 private:
  std::string& out_;
  bool ok_ = true;
};

// Takes from the front; once something does not fit, everything after it is zero and ok() false.
class Reader {
 public:
  explicit Reader(absl::string_view bytes) : rest_(bytes) {}

  absl::string_view Bytes(std::size_t size) {
    if (size > rest_.size()) {
      Fail();
      return {};
    }
    const absl::string_view bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return bytes;
  }

  std::uint8_t Byte() {
    const absl::string_view byte = Bytes(1);
    return byte.empty() ? 0 : static_cast<std::uint8_t>(byte.front());
  }

  template <typename Integer>
  Integer BigEndian() {
    Integer value = 0;
    for (const char byte : Bytes(sizeof(Integer))) {
      value = static_cast<Integer>((value << 8) | static_cast<std::uint8_t>(byte));
    }
    return value;
  }

  // Shortest form only, below 2^63.
  std::int64_t Varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 63; shift += 7) {
      const std::uint8_t byte = Byte();
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) != 0) continue;
      if (byte == 0 && shift > 0) break;
      return static_cast<std::int64_t>(value);
    }
    Fail();
    return 0;
  }

  absl::Time Instant() {
    const std::int64_t microseconds = Varint();
    if (microseconds > kMaximumMicroseconds) Fail();
    return absl::FromUnixMicros(microseconds);
  }

  absl::Duration Span() {
    const std::int64_t encoded = Varint();
    const std::int64_t amount = encoded >> 1;
    const bool is_seconds = (encoded & 1) == 0;
    const std::int64_t maximum =
        is_seconds ? kMaximumMicroseconds / kMicrosecondsPerSecond : kMaximumMicroseconds;
    if (amount == 0 || amount > maximum) Fail();
    if (!is_seconds && amount % kMicrosecondsPerSecond == 0) Fail();
    return is_seconds ? absl::Seconds(amount) : absl::Microseconds(amount);
  }

  std::string Name() {
    const std::uint8_t size = Byte();
    if (size == kIdFollows) return absl::WebSafeBase64Escape(Bytes(kIdSize));
    std::string name(Bytes(size));
    if (IdBytes(name).has_value()) Fail();
    return name;
  }

  void Fail() {
    ok_ = false;
    rest_ = {};
  }
  bool ok() const { return ok_; }
  bool at_end() const { return rest_.empty(); }

 private:
  absl::string_view rest_;
  bool ok_ = true;
};

void WriteRole(const RoleGrantRecord& role, const OrganisationId& of_session, Writer& writer) {
  const RoleScope scope = role.organisation_id.empty()         ? kSystem
                          : role.organisation_id == of_session ? kOfTheSession
                                                               : kNamed;
  writer.Enumerator(role.role, 2, scope);
  if (scope == kNamed) writer.Name(role.organisation_id.value());
}

RoleGrantRecord ReadRole(const OrganisationId& of_session, Reader& reader) {
  const std::uint8_t byte = reader.Byte();
  RoleGrantRecord role;
  role.role = static_cast<v1::Role>(byte >> 2);
  switch (byte & 3) {
    case kSystem:
      break;
    case kOfTheSession:
      role.organisation_id = of_session;
      if (of_session.empty()) reader.Fail();
      break;
    case kNamed:
      role.organisation_id = OrganisationId(reader.Name());
      if (role.organisation_id.empty() || role.organisation_id == of_session) reader.Fail();
      break;
    default:
      reader.Fail();
  }
  if (!v1::Role_IsValid(role.role) || role.role == v1::ROLE_UNSPECIFIED) reader.Fail();
  return role;
}

v1::RequiredAction ReadRequiredAction(Reader& reader) {
  const int action = reader.Byte();
  if (!v1::RequiredAction_IsValid(action) || action == v1::REQUIRED_ACTION_UNSPECIFIED) {
    reader.Fail();
  }
  return static_cast<v1::RequiredAction>(action);
}

v1::SessionLevel ReadLevel(std::uint8_t shape, Reader& reader) {
  const int level = shape & 3;
  if (!v1::SessionLevel_IsValid(level) || level == v1::SESSION_LEVEL_UNSPECIFIED) reader.Fail();
  return static_cast<v1::SessionLevel>(level);
}

}  // namespace

absl::StatusOr<std::string> EncodeSessionRecord(const SessionRecord& session) {
  const std::size_t actions = session.required_actions.size();
  const std::size_t roles = session.roles.size();
  if (actions > kMaximumListSize || roles > kMaximumListSize) {
    return absl::InvalidArgumentError("a session has at most 7 required actions and 7 roles");
  }
  const std::int64_t created = absl::ToUnixMicros(session.created_at);
  const std::int64_t expires = absl::ToUnixMicros(session.expires_at);
  std::string bytes;
  Writer writer(bytes);
  writer.Byte(kVersion);
  writer.BigEndian(std::uint32_t{0});
  writer.BigEndian(session.incarnation);
  writer.Varint(session.position);
  writer.Varint(session.epoch);
  writer.Varint(session.authorisation_version);
  writer.Enumerator(session.level, 0, (actions << 2) | (roles << 5));
  for (const v1::RequiredAction action : session.required_actions) writer.Enumerator(action, 0, 0);
  writer.Instant(created);
  writer.Span(expires > created ? expires - created : 0);
  writer.Span(absl::ToInt64Microseconds(session.idle_timeout));
  writer.Name(session.organisation_id.value());
  for (const RoleGrantRecord& role : session.roles) {
    WriteRole(role, session.organisation_id, writer);
  }
  if (!writer.ok()) return absl::InvalidArgumentError("this cannot be a session");
  return bytes;
}

absl::StatusOr<FoundSession> DecodeSessionRecord(const SessionKey& key, absl::string_view bytes) {
  Reader reader(bytes);
  if (reader.Byte() != kVersion) {
    return absl::InternalError("a session record of another version");
  }
  FoundSession found;
  SessionRecord& session = found.record;
  session.key = key;
  const auto last_use = reader.BigEndian<std::uint32_t>();
  session.incarnation = reader.BigEndian<std::uint64_t>();
  session.position = reader.Varint();
  session.epoch = reader.Varint();
  session.authorisation_version = reader.Varint();
  const std::uint8_t shape = reader.Byte();
  session.level = ReadLevel(shape, reader);
  for (int count = (shape >> 2) & 7; count > 0; --count) {
    session.required_actions.push_back(ReadRequiredAction(reader));
  }
  session.created_at = reader.Instant();
  session.expires_at = session.created_at + reader.Span();
  session.idle_timeout = reader.Span();
  session.organisation_id = OrganisationId(reader.Name());
  for (int count = shape >> 5; count > 0; --count) {
    session.roles.push_back(ReadRole(session.organisation_id, reader));
  }
  if (!reader.ok() || !reader.at_end()) return absl::InternalError("a damaged session record");
  found.last_used_at = std::max(session.created_at, absl::FromUnixSeconds(last_use));
  return found;
}

std::string EncodeUse(absl::Time at) {
  constexpr std::int64_t kLatest = std::numeric_limits<std::uint32_t>::max();
  return absl::StrCat(std::clamp<std::int64_t>(absl::ToUnixSeconds(at), 0, kLatest));
}

const absl::string_view kRecordUseScript = R"lua(
local record = redis.call('HGET', KEYS[1], ARGV[1])
local at = tonumber(ARGV[2])
if record and #record >= 5 and at > struct.unpack('>I4', record, 2) then
  redis.call('HSET', KEYS[1], ARGV[1],
             string.sub(record, 1, 1) .. struct.pack('>I4', at) .. string.sub(record, 6))
end
return 0)lua";

}  // namespace gatehouse::storage
