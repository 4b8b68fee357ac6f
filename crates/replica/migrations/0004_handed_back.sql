-- Purpose: notes where each kept envelope stands in the log that is in force, so that what a
-- restore of the server lost can be handed back (D6); and keeps the leaves that a receipt speaks
-- of, so that it can be checked after other envelopes of it were purged here.
-- log_epoch, log_seq: the last place in a log where the envelope is known to stand.
-- handed: 0 not handed back, 1 the server keeps it and waits for the rest, 2 not taken back.
-- round: after a restore the device reads everything again; what the server no longer shows is left
-- behind in an earlier round, and goes.
-- Effect on older clients: none, they do not read the columns.

ALTER TABLE envelopes ADD COLUMN intent BLOB NOT NULL DEFAULT x'';
ALTER TABLE envelopes ADD COLUMN log_epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE envelopes ADD COLUMN log_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE envelopes ADD COLUMN handed INTEGER NOT NULL DEFAULT 0;
-- An envelope begins with its intent: a byte for the length, then 16 bytes.
UPDATE envelopes
SET intent = substr(envelope, 2, 16), log_epoch = restore_epoch, log_seq = seq;
CREATE INDEX envelopes_by_intent ON envelopes (intent);

ALTER TABLE receipts ADD COLUMN leaves BLOB NOT NULL DEFAULT x'';

ALTER TABLE documents ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
