-- Purpose: the durable tables of a device (D4): documents as accepted, work that is pending, what
-- came of it, and who made what. Projections and the search index are not here; they are made from
-- the schema table and can be made again.
-- Effect on older clients: none, this is the first version.

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Every record that is here, by a small number. `document` everywhere is number * 2 + facet.
CREATE TABLE records (
    number INTEGER PRIMARY KEY,
    record BLOB NOT NULL UNIQUE,
    entity INTEGER NOT NULL
) STRICT;

-- Accepted documents. Local work never rewrites them.
CREATE TABLE documents (
    document INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    heads BLOB NOT NULL,
    bytes BLOB NOT NULL
) STRICT;

-- The branch of documents on which a rollback happened; 0 for all others.
CREATE TABLE branches (
    document INTEGER PRIMARY KEY,
    branch INTEGER NOT NULL
) STRICT;

-- Work that the server has not confirmed, in the order of its making.
-- state: 0 saved, 1 accepted at seq and not come back yet, 2 waits for another intent.
CREATE TABLE pending (
    number INTEGER PRIMARY KEY,
    intent BLOB NOT NULL UNIQUE,
    clock INTEGER NOT NULL,
    envelope BLOB NOT NULL,
    state INTEGER NOT NULL,
    seq INTEGER,
    waits_for BLOB
) STRICT;

CREATE INDEX pending_waiting ON pending (number) WHERE state = 2;

-- The changes of pending work, per document; none for work that waits.
CREATE TABLE pending_parts (
    document INTEGER NOT NULL,
    number INTEGER NOT NULL,
    change BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;

-- Own intents that the server has taken in: an intent id is used once.
CREATE TABLE own_intents (
    intent BLOB NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What the server did not take, words intact.
CREATE TABLE needs_you (
    intent BLOB NOT NULL PRIMARY KEY,
    envelope BLOB NOT NULL,
    denial BLOB NOT NULL,
    answered_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who made which accepted change, with what was done in the last 90 days and what merges settled.
CREATE TABLE history (
    document INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    change BLOB NOT NULL,
    entry BLOB NOT NULL,
    PRIMARY KEY (document, seq, change)
) STRICT, WITHOUT ROWID;

-- The names of the devices that history speaks of.
CREATE TABLE devices (
    device BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Which history entries have something that a merge settled, in log order.
CREATE TABLE journal (
    seq INTEGER NOT NULL,
    document INTEGER NOT NULL,
    change BLOB NOT NULL,
    PRIMARY KEY (seq, document, change)
) STRICT, WITHOUT ROWID;

-- Ids of open conflicts, as the server minted them.
CREATE TABLE conflicts (
    document INTEGER NOT NULL,
    field TEXT NOT NULL,
    intent BLOB NOT NULL,
    PRIMARY KEY (document, field)
) STRICT, WITHOUT ROWID;

-- Accepted envelopes as they came, until a backup of the server has them. Places in the log are
-- given out again after the server was restored, hence the restore epoch.
CREATE TABLE envelopes (
    restore_epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    accepted_ms INTEGER NOT NULL,
    envelope BLOB NOT NULL,
    receipt INTEGER,
    PRIMARY KEY (seq, restore_epoch)
) STRICT;

CREATE TABLE receipts (
    receipt INTEGER PRIMARY KEY,
    restore_epoch INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

-- Unsent work on forgotten records, until the server has it in its quarantine.
CREATE TABLE quarantine (
    intent BLOB NOT NULL PRIMARY KEY,
    envelope BLOB NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Documents that are to be purged (state 0, waiting for the quarantine) or that were (state 1,
-- the server has not been told yet).
CREATE TABLE forgets (
    record BLOB NOT NULL,
    facet INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    state INTEGER NOT NULL,
    PRIMARY KEY (record, facet)
) STRICT, WITHOUT ROWID;

-- Accepted changes that could not be taken in here, for the doctor.
CREATE TABLE faults (
    document INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (document, seq)
) STRICT, WITHOUT ROWID;
