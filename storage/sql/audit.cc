// The audit log: a chain of events an organisation; timelines of it, and what it tells only once.
#include "absl/strings/str_cat.h"

#include "storage/sql/lists.h"
#include "storage/sql/sql_transaction.h"

namespace gatehouse::storage {
namespace {

constexpr char kAuditColumns[] =
    "organisation_id, sequence, chain_sha256, recorded_at, actor_id, actor_session_id, caller, "
    "action, target_id, outcome, reasons, policy_revision, details";
constexpr int kAuditColumnCount = 13;

AuditRecord ReadAudit(Row& row) {
  AuditRecord audit;
  audit.organisation_id = OrganisationId(row.Text());
  audit.sequence = row.Integer();
  audit.chain_sha256 = row.Bytes();
  audit.time = row.Instant();
  audit.actor_id = AccountId(row.Text());
  audit.actor_session_id = row.Text();
  audit.caller = row.Text();
  audit.action = row.Text();
  audit.target_id = AccountId(row.Text());
  audit.outcome = row.Enumerator<v1::AuditOutcome>();
  audit.reasons = ReadList(row.Text());
  audit.policy_revision = row.Text();
  audit.details = ReadMap(row.Text());
  return audit;
}

// The conditions of a filter, and their parameters in the same order.
class Conditions {
 public:
  explicit Conditions(const AuditFilter& filter) {
    Add("organisation_id = :organisation_id", filter.organisation_id);
    if (filter.before_sequence > 0) Add(" AND sequence < :before", filter.before_sequence);
    if (!filter.actor_id.empty()) Add(" AND actor_id = :actor_id", filter.actor_id);
    if (!filter.target_id.empty()) Add(" AND target_id = :target_id", filter.target_id);
    if (filter.outcome != v1::AUDIT_OUTCOME_UNSPECIFIED) {
      Add(" AND outcome = :outcome", filter.outcome);
    }
    if (filter.start.has_value()) Add(" AND recorded_at >= :start_time", *filter.start);
    if (filter.end.has_value()) Add(" AND recorded_at < :end_time", *filter.end);
    if (!filter.reason.empty()) {  // a search that knows no patterns, unlike LIKE
      Add(" AND REPLACE(reasons, :reason, '') <> reasons", WriteList({filter.reason}));
    }
    AddActions(filter.actions);
  }

  const std::string& text() const { return text_; }
  std::vector<Parameter>& parameters() { return parameters_; }

 private:
  void Add(absl::string_view condition, Parameter parameter) {
    absl::StrAppend(&text_, condition);
    parameters_.push_back(std::move(parameter));
  }

  void AddActions(const std::vector<std::string>& actions) {
    if (actions.empty()) return;
    absl::StrAppend(&text_, " AND action IN (");
    for (std::size_t i = 0; i < actions.size(); ++i) {
      Add(absl::StrCat(i == 0 ? "" : ", ", ":action_", i), actions[i]);
    }
    absl::StrAppend(&text_, ")");
  }

  std::string text_;
  std::vector<Parameter> parameters_;
};

RefusalRunRecord ReadRefusalRun(Row& row) {
  RefusalRunRecord run;
  run.account_id = AccountId(row.Text());
  run.action = row.Text();
  run.cause = row.Text();
  run.began_at = row.Instant();
  run.last_at = row.Instant();
  run.further = row.Integer();
  run.source = row.Text();
  return run;
}

}  // namespace

absl::StatusOr<AuditHead> SqlTransaction::LockAuditHead(const OrganisationId& id) {
  // An update that changes nothing holds the row as well as one that does.
  return ChangeReturning<AuditHead>(
      {"INSERT INTO audit_heads (organisation_id, sequence, chain_sha256) "
       "VALUES (:organisation_id, 0, '') ON CONFLICT (organisation_id) DO UPDATE "
       "SET sequence = audit_heads.sequence RETURNING sequence, chain_sha256",
       2},
      {id}, [](Row& row) {
        AuditHead head;
        head.sequence = row.Integer();
        head.chain_sha256 = row.Bytes();
        return head;
      });
}

absl::Status SqlTransaction::AppendAudit(const AuditRecord& audit) {
  const Parameter chain = Parameter::Bytes(audit.chain_sha256);
  const absl::StatusOr<std::int64_t> advanced = Change(
      "UPDATE audit_heads SET sequence = :sequence, chain_sha256 = :chain_sha256 "
      "WHERE organisation_id = :organisation_id AND sequence = :previous",
      {audit.sequence, chain, audit.organisation_id, audit.sequence - 1});
  if (!advanced.ok()) return advanced.status();
  if (*advanced == 0) {
    return absl::FailedPreconditionError("the audit event does not follow the locked head");
  }
  return Execute(
      "INSERT INTO audit (organisation_id, sequence, chain_sha256, recorded_at, actor_id, "
      "actor_session_id, caller, action, target_id, outcome, reasons, policy_revision, details) "
      "VALUES (:organisation_id, :sequence, :chain_sha256, :recorded_at, :actor_id, "
      ":actor_session_id, :caller, :action, :target_id, :outcome, :reasons, :policy_revision, "
      ":details)",
      {audit.organisation_id, audit.sequence, chain, audit.time, audit.actor_id,
       audit.actor_session_id, audit.caller, audit.action, audit.target_id, audit.outcome,
       WriteList(audit.reasons), audit.policy_revision, WriteMap(audit.details)});
}

absl::StatusOr<std::vector<AuditRecord>> SqlTransaction::ListAudit(const AuditFilter& filter) {
  Conditions conditions(filter);
  conditions.parameters().push_back(filter.limit);
  return QueryAll({absl::StrCat("SELECT ", kAuditColumns, " FROM audit WHERE ", conditions.text(),
                                " ORDER BY sequence DESC LIMIT :most"),
                   kAuditColumnCount},
                  conditions.parameters(), ReadAudit);
}

absl::StatusOr<std::vector<AuditRecord>> SqlTransaction::ListTimeline(
    const TimelineFilter& filter) {
  std::string text = absl::StrCat("SELECT ", kAuditColumns,
                                  " FROM audit WHERE organisation_id = :organisation_id "
                                  "AND target_id = :target_id");
  std::vector<Parameter> parameters = {filter.organisation_id, filter.account_id};
  const auto add = [&](absl::string_view condition, std::initializer_list<Parameter> values) {
    absl::StrAppend(&text, condition);
    parameters.insert(parameters.end(), values);
  };
  if (filter.start.has_value()) add(" AND recorded_at >= :start_time", {*filter.start});
  if (filter.end.has_value()) add(" AND recorded_at < :end_time", {*filter.end});
  if (filter.before.has_value()) {
    const absl::Time time = filter.before->time;
    add(" AND recorded_at <= :before_time AND (recorded_at < :same_time OR sequence < :before)",
        {time, time, filter.before->sequence});
  }
  add(" ORDER BY recorded_at DESC, sequence DESC LIMIT :most", {filter.limit});
  return QueryAll({text, kAuditColumnCount}, parameters, ReadAudit);
}

absl::StatusOr<std::vector<RefusalRunRecord>> SqlTransaction::ListRefusalRuns(const AccountId& id) {
  return QueryAll({"SELECT account_id, action, cause, began_at, last_at, further, source "
                   "FROM refusal_runs WHERE account_id = :account_id ORDER BY action, cause",
                   7},
                  {id}, ReadRefusalRun);
}

absl::Status SqlTransaction::PutRefusalRun(const RefusalRunRecord& run) {
  return Execute(
      "INSERT INTO refusal_runs (account_id, action, cause, began_at, last_at, further, source) "
      "VALUES (:account_id, :action, :cause, :began_at, :last_at, :further, :source) "
      "ON CONFLICT (account_id, action, cause) DO UPDATE SET began_at = excluded.began_at, "
      "last_at = excluded.last_at, further = excluded.further, source = excluded.source",
      {run.account_id, run.action, run.cause, run.began_at, run.last_at, run.further, run.source});
}

}  // namespace gatehouse::storage
