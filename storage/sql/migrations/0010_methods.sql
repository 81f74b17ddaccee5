-- For the change of keys, and for tidying what was never confirmed.
CREATE INDEX authentication_methods_by_key ON authentication_methods (key_id, account_id, id)
  WHERE key_id <> '';
CREATE INDEX authentication_methods_unconfirmed ON authentication_methods (created_at)
  WHERE confirmed_at IS NULL;

-- A remembered answer may be a refusal: a serialised google.rpc.Status. Empty: it is none.
ALTER TABLE replays ADD COLUMN refusal {TEXT} NOT NULL DEFAULT '';

-- Refusals are told of more actions than signing in.
ALTER TABLE refusal_runs RENAME TO refused_sign_ins;
CREATE TABLE refusal_runs (
  account_id {TEXT} NOT NULL,
  action {TEXT} NOT NULL,
  cause {TEXT} NOT NULL,
  began_at BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  further BIGINT NOT NULL,
  source {TEXT} NOT NULL,
  PRIMARY KEY (account_id, action, cause)
);
INSERT INTO refusal_runs (account_id, action, cause, began_at, last_at, further, source)
  SELECT account_id, 'SIGN_IN', cause, began_at, last_at, further, source FROM refused_sign_ins;
DROP TABLE refused_sign_ins;
