#include "tests/bench/raw_resecure.h"

#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"

namespace gatehouse::bench {
namespace {

enum Statement {
  kBegin,
  kFindReplay,
  kFindAccount,
  kFindOrganisation,
  kIsRevoked,
  kCheckVersion,
  kUpdateAccount,
  kAppendHistory,
  kAdvanceLog,
  kAppendRevocation,
  kLockAuditHead,
  kAdvanceAudit,
  kAppendAudit,
  kAppendOutbox,
  kInsertReplay,
  kCommit,
};

constexpr const char* kTexts[] = {
    "BEGIN IMMEDIATE",
    "SELECT * FROM replays WHERE request_id = ? AND presenter = ? AND method = ? AND caller = ?",
    "SELECT * FROM accounts WHERE id = ?",
    "SELECT * FROM organisations WHERE id = ?",
    "SELECT position FROM revocations WHERE kind = 1 AND account_id = ? AND min_epoch > ? "
    "AND (except_digest IS NULL OR except_digest <> ?) "
    "UNION ALL SELECT position FROM revocations WHERE digest = ? "
    "UNION ALL SELECT position FROM revocations WHERE kind = 4 AND position > ? "
    "UNION ALL SELECT forgotten_before FROM revocation_head WHERE id = 1 AND forgotten_before > ?",
    "SELECT organisation_id, username, given_name, family_name, roles FROM accounts "
    "WHERE id = ? AND row_version > ?",
    "UPDATE accounts SET display_name = ?, contact_email = ?, phone_number = ?, "
    "profile_confirmed_at = ?, status = ?, status_changed_at = ?, last_used_at = ?, "
    "locked_at = ?, leaver_at = ?, created_at = ?, joined_at = ?, password_phc = ?, "
    "password_version = ?, password_changed_at = ?, password_must_change = ?, "
    "password_temporary_until = ?, aup_version = ?, aup_accepted_at = ?, aup_reset_at = ?, "
    "secret_ciphertext = ?, secret_key_id = ?, secret_version = ?, secret_set_at = ?, "
    "has_security_questions = ?, resecured_at = ?, epoch = ?, authorisation_version = ?, "
    "row_version = row_version + 1 WHERE id = ?",
    "INSERT INTO credential_history VALUES (?1, ?2, (SELECT COALESCE(MAX(sequence), 0) + 1 "
    "FROM credential_history WHERE account_id = ?1 AND kind = ?2), ?3, ?4)",
    "UPDATE revocation_head SET position = position + 1 WHERE id = 1 RETURNING position",
    "INSERT INTO revocations VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO audit_heads VALUES (?, 0, '') ON CONFLICT (organisation_id) DO UPDATE "
    "SET sequence = audit_heads.sequence RETURNING sequence, chain_sha256",
    "UPDATE audit_heads SET sequence = ?, chain_sha256 = ? WHERE organisation_id = ? "
    "AND sequence = ?",
    "INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    "INSERT INTO outbox (account_id, sequence, id, kind, payload, created_at, due_at, attempts) "
    "VALUES (?1, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM outbox "
    "WHERE account_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7)",
    "INSERT INTO replays (caller, method, request_id, presenter, payload_mac, response, "
    "created_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
    "COMMIT",
};

constexpr std::int64_t kNow = 1'788'134'400'000'000;
constexpr char kOrganisation[] = "b3JnYW5pc2F0aW9uMDAwMA";  // the first of people.h
constexpr char kPhc[] =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaGhhc2g";

}  // namespace

RawResecure::RawResecure(const std::string& path) {
  const auto check = [this](int code) {
    if (code == SQLITE_OK) return;
    std::cerr << sqlite3_errmsg(connection_) << "\n";
    std::exit(1);
  };
  check(sqlite3_open(path.c_str(), &connection_));
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL",
                             "PRAGMA foreign_keys=ON", "PRAGMA mmap_size=2147418112"}) {
    check(sqlite3_exec(connection_, pragma, nullptr, nullptr, nullptr));
  }
  for (const char* text : kTexts) {
    check(sqlite3_prepare_v3(connection_, text, -1, SQLITE_PREPARE_PERSISTENT,
                             &statements_.emplace_back(), nullptr));
  }
}

RawResecure::~RawResecure() {
  for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
  sqlite3_close(connection_);
}

std::int64_t RawResecure::Do(int statement, const Values& values) {
  sqlite3_stmt* const prepared = statements_[static_cast<std::size_t>(statement)];
  int position = 0;
  for (const Value& value : values) {
    ++position;
    if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      sqlite3_bind_int64(prepared, position, *integer);
    } else if (const auto* text = std::get_if<std::string>(&value)) {
      sqlite3_bind_text(prepared, position, text->data(), static_cast<int>(text->size()),
                        SQLITE_STATIC);
    } else {
      sqlite3_bind_null(prepared, position);
    }
  }
  std::int64_t first = 0;
  int code;
  while ((code = sqlite3_step(prepared)) == SQLITE_ROW) first = sqlite3_column_int64(prepared, 0);
  if (code != SQLITE_DONE) {
    std::cerr << kTexts[statement] << ": " << sqlite3_errmsg(connection_) << "\n";
    std::exit(1);
  }
  sqlite3_reset(prepared);
  return first;
}

void RawResecure::Run(const std::string& actor, const std::string& target, int request) {
  Do(kBegin);
  Do(kFindReplay, {absl::StrCat("request-", request), "session", "ResecureAccount", "local"});
  Do(kFindAccount, {actor});
  Do(kIsRevoked,
     {actor, std::int64_t{1}, "digest", "digest", std::int64_t{1} << 40, std::int64_t{1} << 40});
  Do(kFindAccount, {target});
  Do(kFindOrganisation, {kOrganisation});
  WriteAccount(target);
  WriteLogs(actor, target, request);
  Do(kCommit);
}

void RawResecure::WriteAccount(const std::string& id) {
  Do(kCheckVersion, {id, std::int64_t{0}});
  const std::int64_t one = 1;
  const Value null;
  Do(kUpdateAccount, {"Display Name",
                      "user@example.org",
                      "+441134960000",
                      null,
                      one,
                      kNow,
                      kNow,
                      null,
                      null,
                      kNow,
                      kNow,
                      kPhc,
                      one,
                      kNow,
                      one,
                      kNow,
                      "",
                      null,
                      kNow,
                      "",
                      "",
                      one,
                      null,
                      one,
                      kNow,
                      one,
                      one,
                      id});
  for (const std::int64_t kind : {1, 2}) Do(kAppendHistory, {id, kind, kPhc, kNow});
}

void RawResecure::WriteLogs(const std::string& actor, const std::string& target, int request) {
  const std::int64_t position = Do(kAdvanceLog);
  Do(kAppendRevocation,
     {position, std::int64_t{1}, target, std::int64_t{2}, Value(), Value(), std::int64_t{1}, kNow});
  const std::int64_t sequence = Do(kLockAuditHead, {kOrganisation}) + 1;
  const std::string chain(43, 'c');
  Do(kAdvanceAudit, {sequence, chain, kOrganisation, sequence - 1});
  Do(kAppendAudit,
     {kOrganisation, sequence, chain, kNow, actor, "session", "local", "RESECURE_ACCOUNT", target,
      std::int64_t{1}, "", "revision", "\nreason\tlost their secret\n"});
  Do(kAppendOutbox, {target, absl::StrCat("message-", request), "notification",
                     std::string(200, 'p'), kNow, kNow, std::int64_t{0}});
  Do(kInsertReplay, {"local", "ResecureAccount", absl::StrCat("request-", request), "session",
                     chain, std::string(300, 'r'), kNow});
}

}  // namespace gatehouse::bench
