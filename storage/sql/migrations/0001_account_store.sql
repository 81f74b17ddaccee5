-- The account store. {TEXT} is text in order of its bytes. Instants are microseconds since 1970,
-- bytes are base64url, truth values are 0 and 1.

-- Never deleted. `name_key` is the name as it is compared, searched and ordered.
CREATE TABLE organisations (
  id {TEXT} PRIMARY KEY,
  name_key {TEXT} NOT NULL UNIQUE,
  display_name {TEXT} NOT NULL,
  nas_managed BIGINT NOT NULL,
  password_scope BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  row_version BIGINT NOT NULL
);

-- `sequence` tells which one was published last.
CREATE TABLE acceptable_use_policies (
  sequence BIGINT PRIMARY KEY,
  version {TEXT} NOT NULL UNIQUE,
  document_uri {TEXT} NOT NULL,
  document_sha256 {TEXT} NOT NULL,
  published_at BIGINT NOT NULL
);

-- `roles` is "ROLE:ORGANISATION;..."; role_holders finds accounts by it. `given_key` and
-- `family_key` are the names as they are searched.
CREATE TABLE accounts (
  id {TEXT} PRIMARY KEY,
  organisation_id {TEXT} NOT NULL REFERENCES organisations (id),
  username {TEXT} NOT NULL UNIQUE,
  given_key {TEXT} NOT NULL,
  family_key {TEXT} NOT NULL,
  given_name {TEXT} NOT NULL,
  family_name {TEXT} NOT NULL,
  display_name {TEXT} NOT NULL,
  contact_email {TEXT} NOT NULL,
  phone_number {TEXT} NOT NULL,
  profile_confirmed_at BIGINT,
  status BIGINT NOT NULL,
  status_changed_at BIGINT NOT NULL,
  last_used_at BIGINT,
  locked_at BIGINT,
  leaver_at BIGINT,
  created_at BIGINT NOT NULL,
  joined_at BIGINT NOT NULL,
  password_phc {TEXT} NOT NULL,
  password_version BIGINT NOT NULL,
  password_changed_at BIGINT NOT NULL,
  password_must_change BIGINT NOT NULL,
  password_temporary_until BIGINT,
  aup_version {TEXT} NOT NULL,
  aup_accepted_at BIGINT,
  aup_reset_at BIGINT,
  secret_ciphertext {TEXT} NOT NULL,
  secret_key_id {TEXT} NOT NULL,
  secret_version BIGINT NOT NULL,
  secret_set_at BIGINT,
  has_security_questions BIGINT NOT NULL,
  resecured_at BIGINT,
  roles {TEXT} NOT NULL,
  epoch BIGINT NOT NULL,
  authorisation_version BIGINT NOT NULL,
  row_version BIGINT NOT NULL
);
CREATE INDEX accounts_by_organisation ON accounts (organisation_id, username);
CREATE INDEX accounts_by_given_name ON accounts (given_key, username);
CREATE INDEX accounts_by_family_name ON accounts (family_key, username);
CREATE INDEX accounts_by_organisation_given_name ON accounts (organisation_id, given_key, username);
CREATE INDEX accounts_by_organisation_family_name
  ON accounts (organisation_id, family_key, username);

-- An index that one table cannot have: accounts.roles, with what their pages are ordered by.
CREATE TABLE role_holders (
  role BIGINT NOT NULL,
  username {TEXT} NOT NULL,
  organisation_id {TEXT} NOT NULL,
  account_id {TEXT} NOT NULL REFERENCES accounts (id),
  PRIMARY KEY (role, username)
);
CREATE INDEX role_holders_by_organisation ON role_holders (organisation_id, role, username);

-- Names that accounts had once. They are never given out again.
CREATE TABLE retired_usernames (
  username {TEXT} PRIMARY KEY
);

-- kind 1: passwords, 2: account secrets.
CREATE TABLE credential_history (
  account_id {TEXT} NOT NULL REFERENCES accounts (id),
  kind BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  hash {TEXT} NOT NULL,
  replaced_at BIGINT NOT NULL,
  PRIMARY KEY (account_id, kind, sequence)
);

-- A subject is an account, or the keyed hash of a name that nobody has. No row: no failures.
CREATE TABLE password_attempts (
  subject {TEXT} PRIMARY KEY,
  failures BIGINT NOT NULL,
  settled_at BIGINT NOT NULL
);
CREATE INDEX password_attempts_by_age ON password_attempts (settled_at);
CREATE TABLE password_reservations (
  subject {TEXT} NOT NULL,
  id {TEXT} NOT NULL,
  reserved_at BIGINT NOT NULL,
  PRIMARY KEY (subject, id)
);
CREATE TABLE source_failures (
  source {TEXT} NOT NULL,
  failed_at BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  PRIMARY KEY (source, failed_at)
);
CREATE INDEX source_failures_by_age ON source_failures (failed_at);

-- One row. A revoking transaction locks it first, so positions become visible in order.
CREATE TABLE revocation_head (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  incarnation {TEXT} NOT NULL,
  position BIGINT NOT NULL
);
CREATE TABLE revocations (
  position BIGINT PRIMARY KEY,
  kind BIGINT NOT NULL,
  account_id {TEXT} NOT NULL,
  min_epoch BIGINT NOT NULL,
  except_digest {TEXT},
  digest {TEXT},
  authorisation_version BIGINT NOT NULL,
  keep_until BIGINT NOT NULL
);
CREATE INDEX revocations_by_account ON revocations (account_id, min_epoch) WHERE kind = 1;
CREATE INDEX revocations_by_digest ON revocations (digest) WHERE digest IS NOT NULL;
CREATE INDEX revocations_of_everything ON revocations (position) WHERE kind = 4;
CREATE INDEX revocations_by_age ON revocations (keep_until);

-- A log an organisation, so that auditing one holds up no other. `reasons` and `details` are lists
-- as storage/sql/lists.h writes them.
CREATE TABLE audit_heads (
  organisation_id {TEXT} PRIMARY KEY,
  sequence BIGINT NOT NULL,
  chain_sha256 {TEXT} NOT NULL
);
CREATE TABLE audit (
  organisation_id {TEXT} NOT NULL,
  sequence BIGINT NOT NULL,
  chain_sha256 {TEXT} NOT NULL,
  recorded_at BIGINT NOT NULL,
  actor_id {TEXT} NOT NULL,
  actor_session_id {TEXT} NOT NULL,
  caller {TEXT} NOT NULL,
  action {TEXT} NOT NULL,
  target_id {TEXT} NOT NULL,
  outcome BIGINT NOT NULL,
  reasons {TEXT} NOT NULL,
  policy_revision {TEXT} NOT NULL,
  details {TEXT} NOT NULL,
  PRIMARY KEY (organisation_id, sequence)
);
CREATE INDEX audit_by_actor ON audit (organisation_id, actor_id, sequence);
CREATE INDEX audit_by_target ON audit (organisation_id, target_id, sequence);

CREATE TABLE replays (
  caller {TEXT} NOT NULL,
  method {TEXT} NOT NULL,
  request_id {TEXT} NOT NULL,
  presenter {TEXT} NOT NULL,
  payload_mac {TEXT} NOT NULL,
  response {TEXT} NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (request_id, presenter, method, caller)
);
CREATE INDEX replays_by_age ON replays (created_at);

-- Messages of one account leave in order of `sequence`.
CREATE TABLE outbox (
  account_id {TEXT} NOT NULL,
  sequence BIGINT NOT NULL,
  id {TEXT} NOT NULL UNIQUE,
  kind {TEXT} NOT NULL,
  payload {TEXT} NOT NULL,
  created_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  PRIMARY KEY (account_id, sequence)
);
CREATE INDEX outbox_by_age ON outbox (created_at, account_id, sequence);
