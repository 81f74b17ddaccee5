-- The question as it was put, so that another one in its place is not taken for it.
ALTER TABLE verifications ADD COLUMN question {TEXT} NOT NULL DEFAULT '';
ALTER TABLE verifications DROP COLUMN by_question;
