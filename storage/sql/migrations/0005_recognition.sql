-- Recognising callers. How an account stands; `asked` is a list as storage/sql/lists.h writes them.
CREATE TABLE recognitions (
  account_id {TEXT} PRIMARY KEY REFERENCES accounts (id),
  secret_version BIGINT NOT NULL,
  asked {TEXT} NOT NULL,
  failures BIGINT NOT NULL,
  closed_until BIGINT,
  successes BIGINT NOT NULL
);

-- state 1: open, 2: abandoned, 3: answered, 4: granted, 5: used.
CREATE TABLE verifications (
  id {TEXT} PRIMARY KEY,
  state BIGINT NOT NULL,
  account_id {TEXT} NOT NULL REFERENCES accounts (id),
  agent_id {TEXT} NOT NULL,
  organisation_id {TEXT} NOT NULL,
  secret_version BIGINT NOT NULL,
  epoch BIGINT NOT NULL,
  by_question BIGINT NOT NULL,
  asked {TEXT} NOT NULL,
  expires_at BIGINT NOT NULL,
  grant_expires_at BIGINT,
  attempt_mac {TEXT} NOT NULL
);
CREATE INDEX verifications_by_account ON verifications (account_id, expires_at);
CREATE INDEX verifications_by_age ON verifications (expires_at) WHERE state <> 1;

CREATE TABLE security_questions (
  account_id {TEXT} NOT NULL REFERENCES accounts (id),
  number BIGINT NOT NULL,
  question {TEXT} NOT NULL,
  ciphertext {TEXT} NOT NULL,
  key_id {TEXT} NOT NULL,
  PRIMARY KEY (account_id, number)
);

-- For the change of keys.
CREATE INDEX accounts_by_secret_key ON accounts (secret_key_id, id) WHERE secret_key_id <> '';
CREATE INDEX security_questions_by_key ON security_questions (key_id, account_id, number);
