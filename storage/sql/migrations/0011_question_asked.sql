-- What is open by a question ends and counts for nothing: how it was put is not known any more.
UPDATE verifications SET state = 2 WHERE by_question = 1 AND state = 1;
-- The question as it was put, so that another one in its place is not taken for it.
ALTER TABLE verifications ADD COLUMN question {TEXT} NOT NULL DEFAULT '';
ALTER TABLE verifications DROP COLUMN by_question;
