-- What accounts are found by, folded as names are compared: username, given, family and display
-- name, each after a line break, then the contact address after a tab. Every search is within an
-- organisation, and reads its rows from end to end: they are small, and lie together in its order.
CREATE TABLE account_names (
  organisation_id {TEXT} NOT NULL,
  username {TEXT} NOT NULL,
  names {TEXT} NOT NULL,
  PRIMARY KEY (organisation_id, username)
) {CLUSTERED};

-- Written again, folded in full, when the account's names next change.
INSERT INTO account_names (organisation_id, username, names)
  SELECT organisation_id, username, '
' || username || '
' || given_key || '
' || family_key || '
' || LOWER(display_name) || '	' || LOWER(contact_email) FROM accounts;

ALTER TABLE accounts ADD COLUMN display_key {TEXT} NOT NULL DEFAULT '';
UPDATE accounts SET display_key = LOWER(display_name);
CREATE INDEX accounts_by_organisation_display_name
  ON accounts (organisation_id, display_key, username);
-- Nobody searches but within an organisation.
DROP INDEX accounts_by_given_name;
DROP INDEX accounts_by_family_name;
