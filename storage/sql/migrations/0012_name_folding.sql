-- Names that 0008 wrote down as the engine folds them are folded once more, as names are compared:
-- see name_folding.h. `after_id` tells how far that has come, in order of ids; no row: to the end.
CREATE TABLE name_folding (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  after_id {TEXT} NOT NULL
);
INSERT INTO name_folding (id, after_id) SELECT 1, '' FROM accounts LIMIT 1;
