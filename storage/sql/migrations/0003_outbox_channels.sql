-- Messages to people and to directories leave apart, and what nobody would take is set aside.
ALTER TABLE outbox ADD COLUMN channel BIGINT NOT NULL DEFAULT 1;
ALTER TABLE outbox ADD COLUMN last_error {TEXT} NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN dead_at BIGINT;
DROP INDEX outbox_by_age;
CREATE INDEX outbox_by_age ON outbox (channel, created_at, account_id, sequence)
  WHERE dead_at IS NULL;
CREATE INDEX outbox_of_the_dead ON outbox (created_at, id) WHERE dead_at IS NOT NULL;
