-- The last position that was deleted from the revocation log; 0: none was.
ALTER TABLE revocation_head ADD COLUMN forgotten_before BIGINT NOT NULL DEFAULT 0;
