-- How many notices were given of the present password: of a lasting one, that it will expire; of a
-- temporary one, that it has.
ALTER TABLE accounts ADD COLUMN password_notices BIGINT NOT NULL DEFAULT 0;

-- Accounts in order of what storage/hygiene_record.h counts their age from.
CREATE INDEX accounts_by_age ON accounts (status, (CASE WHEN status = 2 AND last_used_at > status_changed_at THEN last_used_at ELSE status_changed_at END), id);
CREATE INDEX accounts_of_leavers ON accounts (leaver_at, id)
  WHERE leaver_at IS NOT NULL AND status < 5;
CREATE INDEX accounts_by_temporary_password ON accounts (password_temporary_until, id)
  WHERE password_temporary_until IS NOT NULL AND password_notices = 0;
CREATE INDEX accounts_by_password_age ON accounts (password_notices, password_changed_at, id)
  WHERE password_temporary_until IS NULL AND locked_at IS NULL AND status < 4;

-- Whom a remembered answer tells of, to be erased with them. Empty: nobody.
ALTER TABLE replays ADD COLUMN account_id {TEXT} NOT NULL DEFAULT '';
CREATE INDEX replays_by_account ON replays (account_id) WHERE account_id <> '';

-- An account's events in order of time, whatever their order in the log.
CREATE INDEX audit_by_target_and_time ON audit (organisation_id, target_id, recorded_at, sequence);

-- Refused sign-ins that were not written to the audit log one by one. An empty account_id is all
-- names that nobody has.
CREATE TABLE refusal_runs (
  account_id {TEXT} NOT NULL,
  cause {TEXT} NOT NULL,
  began_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  further BIGINT NOT NULL,
  source {TEXT} NOT NULL,
  PRIMARY KEY (account_id, cause)
);
