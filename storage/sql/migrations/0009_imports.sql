-- The items of bulk imports that are in, for as long as an import can go on: an account's id and a
-- keyed digest, and nothing personal.
CREATE TABLE imported_items (
  import_id {TEXT} NOT NULL,
  item BIGINT NOT NULL,
  account_id {TEXT} NOT NULL,
  payload_mac {TEXT} NOT NULL,
  imported_at BIGINT NOT NULL,
  PRIMARY KEY (import_id, item)
);
CREATE INDEX imported_items_by_age ON imported_items (imported_at);
