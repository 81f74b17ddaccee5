-- Where the revocation log stood when they began: what began before the emergency stop is over. What
-- is under way now is taken to have begun before any.
ALTER TABLE proofs ADD COLUMN position BIGINT NOT NULL DEFAULT 0;
ALTER TABLE verifications ADD COLUMN position BIGINT NOT NULL DEFAULT 0;

-- Words of questions that were retired since they were put to a caller.
DELETE FROM verifications WHERE question <> '' AND account_id IN
  (SELECT id FROM accounts WHERE has_security_questions = 0);
