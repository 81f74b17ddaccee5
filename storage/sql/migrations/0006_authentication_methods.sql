-- Confirmed ones, printed codes apart: kept with the account, since every decision asks for them.
ALTER TABLE accounts ADD COLUMN authentication_methods BIGINT NOT NULL DEFAULT 0;

-- `ciphertext` is a secret that must be read back; `printed_codes` is a list, as storage/sql/lists.h
-- writes it, of keyed hashes.
CREATE TABLE authentication_methods (
  account_id {TEXT} NOT NULL REFERENCES accounts (id),
  id {TEXT} NOT NULL,
  kind BIGINT NOT NULL,
  label {TEXT} NOT NULL,
  phone_number {TEXT} NOT NULL,
  key_id {TEXT} NOT NULL,
  ciphertext {TEXT} NOT NULL,
  printed_codes {TEXT} NOT NULL,
  last_step BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  confirmed_at BIGINT,
  last_used_at BIGINT,
  PRIMARY KEY (account_id, id)
);

-- `id` is a digest. `code_...` are of the code that was sent last, by its keyed hash; without
-- `code_expires_at` none was, or it was used. `account_id` is empty for a name that nobody has.
CREATE TABLE proofs (
  id {TEXT} PRIMARY KEY,
  purpose BIGINT NOT NULL,
  subject {TEXT} NOT NULL,
  account_id {TEXT} NOT NULL,
  epoch BIGINT NOT NULL,
  wrong_codes BIGINT NOT NULL,
  proven_methods {TEXT} NOT NULL,
  code_method_id {TEXT} NOT NULL,
  code_key_id {TEXT} NOT NULL,
  code_hash {TEXT} NOT NULL,
  code_expires_at BIGINT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ip_address {TEXT} NOT NULL,
  user_agent {TEXT} NOT NULL,
  device_label {TEXT} NOT NULL
);
CREATE INDEX proofs_by_age ON proofs (expires_at);
CREATE INDEX proofs_by_account ON proofs (account_id);

-- Codes that were sent, and wrong ones. A subject is an account's id, or the keyed hash of a name.
CREATE TABLE code_events (
  subject {TEXT} NOT NULL,
  purpose BIGINT NOT NULL,
  event BIGINT NOT NULL,
  happened_at BIGINT NOT NULL,
  count BIGINT NOT NULL,
  PRIMARY KEY (subject, purpose, event, happened_at)
);
CREATE INDEX code_events_by_age ON code_events (happened_at);
