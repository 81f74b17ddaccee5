// The live revocation log in memory: what this server knows to be revoked, and as of when.
//
// Thread-safe: many readers at every validation, one writer (revocation_reader.h). A reader sees
// all of a read or nothing of it. What the log says only grows; a new incarnation begins with
// nothing. What the stored log has forgotten is forgotten here with the next read: no clock of this
// server has a part in it, and sessions that it would have concerned stay ended, whether or not its
// rows were ever read. So memory is bounded as the stored log is; it is given back a bounded number
// of rows with each read, so that no validation waits behind many.
#ifndef GATEHOUSE_SERVER_REVOCATION_REVOCATION_LOG_H_
#define GATEHOUSE_SERVER_REVOCATION_REVOCATION_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

#include "server/revocation/read_mostly_mutex.h"
#include "storage/records.h"
#include "storage/session_store.h"

namespace gatehouse::server {

// The first 8 bytes of an incarnation, as session records tell it; 0, which is nobody's, when it is
// not the base64url form of at least 8 bytes.
std::uint64_t IncarnationPrefix(absl::string_view incarnation);

// What the log says of one session, at one moment.
struct RevocationFacts {
  bool loaded = false;                     // false: the log was never read, and nothing is known
  std::uint64_t incarnation = 0;           // its prefix
  std::int64_t position = 0;               // read up to here
  absl::Duration read_began;               // Clock::Monotonic() when the last complete read began
  bool ended = false;                      // a row ends this session
  std::int64_t authorisation_version = 0;  // the account's latest; 0 when no row tells one
};

class RevocationLog {
 public:
  // A page of the log, or the whole of a read, as it was read.
  struct Read {
    storage::RevocationHead head;
    absl::Span<const storage::RevocationRecord> rows;  // in order of position
    absl::Duration began;                              // Clock::Monotonic(), before the read
  };

  // Takes a read's rows over. If they reach up to the head, all is known as of `began`; if not, the
  // rows count and the last complete read's instant stays. Another incarnation than before empties
  // the log first. Position goes on to the head, or to the last row of a partial read. Sessions
  // issued before the head's `forgotten_before` end, and rows up to it are dropped: some now, the
  // rest with the reads that follow.
  void Apply(const Read& read, bool complete);

  RevocationFacts Look(const storage::SessionRecord& session) const;

  std::string incarnation() const;
  std::int64_t position() const;
  std::size_t size() const;  // accounts and sessions on record, for metrics

 private:
  // A session of the account is over when its epoch is below `min_epoch`; one whose digest is
  // `except`, when it is below `except_floor`: what it was excepted from was not all there was.
  struct AccountEntry {
    std::int64_t min_epoch = 0;
    std::optional<storage::SessionDigest> except;
    std::int64_t except_floor = 0;
    std::int64_t authorisation_version = 0;
    std::int64_t last_position = 0;  // of the rows that it stands for

    void EndBelow(std::int64_t epoch, const std::optional<storage::SessionDigest>& but);
    bool Ends(const storage::SessionRecord& session) const;
  };

  void Clear();
  void ApplyRow(const storage::RevocationRecord& row);
  // Where a row left its trace.
  struct Trace {
    std::int64_t position = 0;
    storage::AccountId account_id{};  // of accounts_; empty: of sessions_
    std::uint64_t mark = 0;
  };
  void Remember(Trace trace);
  void DropForgotten();
  bool Ends(const storage::SessionRecord& session, const AccountEntry* account) const;

  mutable ReadMostlyMutex mutex_;
  bool loaded_ = false;
  std::string incarnation_;
  std::uint64_t incarnation_prefix_ = 0;
  std::int64_t position_ = 0;
  absl::Duration read_began_;
  std::int64_t forgotten_before_ = 0;
  std::int64_t everything_before_ = 0;
  absl::flat_hash_map<storage::AccountId, AccountEntry> accounts_;
  // The positions of rows, by 8 bytes made of digest and account. A false match only refuses.
  absl::flat_hash_map<std::uint64_t, std::int64_t> sessions_;
  std::deque<Trace> traces_;  // in order of position
};

}  // namespace gatehouse::server

#endif  // GATEHOUSE_SERVER_REVOCATION_REVOCATION_LOG_H_
