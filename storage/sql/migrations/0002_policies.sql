-- Texts that are, or were, in force or in shadow. `activation` orders the former by when they last
-- came into force; 0: never.
CREATE TABLE policy_revisions (
  revision {TEXT} PRIMARY KEY,
  text {TEXT} NOT NULL,
  activation BIGINT NOT NULL,
  activated_at BIGINT,
  actor_id {TEXT} NOT NULL,
  reason {TEXT} NOT NULL,
  diff_digest {TEXT} NOT NULL
);
CREATE INDEX policy_revisions_by_activation ON policy_revisions (activation);

-- One row: which revisions decide. Empty: none.
CREATE TABLE policy_state (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  active {TEXT} NOT NULL,
  shadow {TEXT} NOT NULL,
  shadow_since BIGINT
);
INSERT INTO policy_state (id, active, shadow) VALUES (1, '', '');

-- The position at which that row last changed: servers learn of it as they learn of revocations.
ALTER TABLE revocation_head ADD COLUMN policy_position BIGINT NOT NULL DEFAULT 0;
