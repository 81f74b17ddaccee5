#include "server/revocation/revocation_log.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/escaping.h"

namespace gatehouse::server {
namespace {

using storage::RevocationKind;
using storage::SessionDigest;

constexpr std::size_t kPrefixSize = 8;
// Rows that are dropped at once, while validations wait: some tens of microseconds. At ten reads a
// second more is dropped than the housekeeper deletes.
constexpr int kDroppedAtOnce = 512;

std::uint64_t BigEndianPrefix(absl::string_view bytes) {
  std::uint64_t prefix = 0;
  for (const char byte : bytes.substr(0, kPrefixSize)) {
    prefix = (prefix << 8) | static_cast<std::uint8_t>(byte);
  }
  return prefix;
}

// Ids of sessions are no secret: a digest named under another account than its own must end
// nothing.
std::uint64_t MarkOf(const storage::AccountId& account, const SessionDigest& digest) {
  return BigEndianPrefix(digest.view()) ^ absl::Hash<storage::AccountId>()(account);
}

}  // namespace

std::uint64_t IncarnationPrefix(absl::string_view incarnation) {
  std::string bytes;
  if (!absl::WebSafeBase64Unescape(incarnation, &bytes) || bytes.size() < kPrefixSize) return 0;
  return BigEndianPrefix(bytes);
}

void RevocationLog::AccountEntry::EndBelow(std::int64_t epoch,
                                           const std::optional<SessionDigest>& but) {
  // The floor of the excepted digest is the highest epoch of those rows that do not except it.
  if (epoch > min_epoch) {
    except_floor = but.has_value() && but == except ? except_floor : min_epoch;
    min_epoch = epoch;
    except = but;
  } else if (but != except) {
    except_floor = std::max(except_floor, epoch);
  }
}

bool RevocationLog::AccountEntry::Ends(const storage::SessionRecord& session) const {
  const bool excepted = except.has_value() && *except == session.key.digest;
  return session.epoch < (excepted ? except_floor : min_epoch);
}

void RevocationLog::Apply(const Read& read, bool complete) {
  const std::unique_lock lock(mutex_);
  if (incarnation_ != read.head.incarnation) {
    Clear();
    incarnation_ = read.head.incarnation;
    incarnation_prefix_ = IncarnationPrefix(incarnation_);
  }
  forgotten_before_ = std::max(forgotten_before_, read.head.forgotten_before);
  for (const storage::RevocationRecord& row : read.rows) {
    if (row.position > forgotten_before_) ApplyRow(row);
  }
  DropForgotten();
  if (complete) {
    position_ = read.head.position;
    read_began_ = read.began;
    loaded_ = true;
  } else if (!read.rows.empty()) {
    position_ = read.rows.back().position;
  }
}

void RevocationLog::Clear() {
  loaded_ = false;
  position_ = 0;
  everything_before_ = 0;
  forgotten_before_ = 0;
  accounts_.clear();
  sessions_.clear();
  traces_.clear();
}

void RevocationLog::ApplyRow(const storage::RevocationRecord& row) {
  switch (row.kind) {
    case RevocationKind::kNone:
      return;
    case RevocationKind::kMinimumEpoch:
    case RevocationKind::kAuthorisationVersion: {
      AccountEntry& entry = accounts_[row.account_id];
      if (row.kind == RevocationKind::kMinimumEpoch) entry.EndBelow(row.min_epoch, row.except);
      entry.authorisation_version =
          std::max(entry.authorisation_version, row.authorisation_version);
      entry.last_position = std::max(entry.last_position, row.position);
      Remember({.position = row.position, .account_id = row.account_id});
      return;
    }
    case RevocationKind::kSession: {
      const std::uint64_t mark = MarkOf(row.account_id, row.digest);
      std::int64_t& position = sessions_[mark];
      position = std::max(position, row.position);
      Remember({.position = row.position, .mark = mark});
      return;
    }
    case RevocationKind::kEverythingBefore:
      everything_before_ = std::max(everything_before_, row.position);
      return;
  }
}

// A row that is read again is on record already.
void RevocationLog::Remember(Trace trace) {
  if (traces_.empty() || trace.position > traces_.back().position) {
    traces_.push_back(std::move(trace));
  }
}

// What stays for the next time refuses nothing that would not be refused anyway: whatever it ends
// was issued before it.
void RevocationLog::DropForgotten() {
  for (int dropped = 0; dropped < kDroppedAtOnce && !traces_.empty(); ++dropped) {
    const Trace& trace = traces_.front();
    if (trace.position > forgotten_before_) return;
    if (trace.account_id.empty()) {
      const auto session = sessions_.find(trace.mark);
      if (session != sessions_.end() && session->second <= trace.position) sessions_.erase(session);
    } else {
      const auto account = accounts_.find(trace.account_id);
      if (account != accounts_.end() && account->second.last_position <= trace.position) {
        accounts_.erase(account);
      }
    }
    traces_.pop_front();
  }
}

RevocationFacts RevocationLog::Look(const storage::SessionRecord& session) const {
  const std::shared_lock lock(mutex_);
  const auto account = accounts_.find(session.key.account_id);
  const AccountEntry* entry = account == accounts_.end() ? nullptr : &account->second;
  return {.loaded = loaded_,
          .incarnation = incarnation_prefix_,
          .position = position_,
          .read_began = read_began_,
          .ended = Ends(session, entry),
          .authorisation_version = entry == nullptr ? 0 : entry->authorisation_version};
}

bool RevocationLog::Ends(const storage::SessionRecord& session, const AccountEntry* account) const {
  return session.position < std::max(everything_before_, forgotten_before_) ||
         (account != nullptr && account->Ends(session)) ||
         sessions_.contains(MarkOf(session.key.account_id, session.key.digest));
}

std::string RevocationLog::incarnation() const {
  const std::shared_lock lock(mutex_);
  return incarnation_;
}

std::int64_t RevocationLog::position() const {
  const std::shared_lock lock(mutex_);
  return position_;
}

std::size_t RevocationLog::size() const {
  const std::shared_lock lock(mutex_);
  return accounts_.size() + sessions_.size();
}

}  // namespace gatehouse::server
