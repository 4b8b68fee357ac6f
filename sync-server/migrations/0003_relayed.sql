-- Purpose: keeps envelopes that a restore lost and that devices hand back under their receipts,
-- until they are whole and what they build on is here; afterwards, who handed them back, and when.
-- Effect on older clients: none, they do not hand back.

CREATE TABLE relayed (
    intent BLOB PRIMARY KEY,
    restore_epoch INTEGER NOT NULL,
    lost_seq INTEGER NOT NULL,
    device BLOB NOT NULL,
    received_ms INTEGER NOT NULL,
    seq INTEGER,
    envelope BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX relayed_waiting ON relayed (restore_epoch, lost_seq) WHERE seq IS NULL;
