// How a session's record lies in Redis: as few bytes as hold it exactly, so that an account's hash
// stays one small packed block (quality/performance.md, P10).
//
//   byte 0       version
//   bytes 1-4    last use: seconds since 1970, big endian, rounded down; 0: not used since
//   creation.
//                In every version here, since kRecordUseScript rewrites it in place.
//   8 bytes      incarnation, big endian
//   varints      position, epoch, authorisation version
//   1 byte       level (2 bits), number of required actions (3), number of roles (3)
//   1 byte each  required actions
//   varints      creation in microseconds since 1970, lifetime, idle timeout
//   name         organisation: one byte of length and as many of text, or 255 and an id's 16 bytes
//   for each role: 1 byte, role * 4 + (0 no organisation, 1 the session's, 2 a name that follows)
//
// A span is a varint of 2 * seconds when it is whole seconds, else of 2 * microseconds + 1.
// Decoding is strict: every byte is accounted for, and no two forms mean the same record, so that
// what was damaged or written by another version is refused, not guessed. Pure functions.
#ifndef GATEHOUSE_STORAGE_REDIS_SESSION_RECORD_CODEC_H_
#define GATEHOUSE_STORAGE_REDIS_SESSION_RECORD_CODEC_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "storage/session_store.h"

namespace gatehouse::storage {

// Instants and spans are rounded down to the microsecond, never in the session's favour.
// INVALID_ARGUMENT for what is not a session: a negative number, an end that is not after its
// beginning, an enum's zero, more than 7 required actions or roles, an over-long name.
absl::StatusOr<std::string> EncodeSessionRecord(const SessionRecord& session);

// The key is not part of the record: it is given. INTERNAL when the bytes are not a record.
absl::StatusOr<FoundSession> DecodeSessionRecord(const SessionKey& key, absl::string_view bytes);

// Last use as kRecordUseScript takes it, in decimal.
std::string EncodeUse(absl::Time at);

// KEYS[1] the account's hash, ARGV[1] the digest, ARGV[2] EncodeUse(). Only ever moves forward, and
// brings no removed session back.
extern const absl::string_view kRecordUseScript;

}  // namespace gatehouse::storage

#endif  // GATEHOUSE_STORAGE_REDIS_SESSION_RECORD_CODEC_H_
