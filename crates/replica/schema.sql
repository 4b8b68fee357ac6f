-- The durable tables of a device, as the migrations make them: version 6.
-- Generated; do not edit. `ROADBOOK_UPDATE=1 cargo test -p roadbook-replica schema_file` writes it anew.
-- Projections and the search index are made from the schema table, not here.

CREATE TABLE branches (
    document INTEGER PRIMARY KEY,
    branch INTEGER NOT NULL
) STRICT;

CREATE TABLE conflicts (
    document INTEGER NOT NULL,
    field TEXT NOT NULL,
    intent BLOB NOT NULL,
    PRIMARY KEY (document, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
    device BLOB NOT NULL PRIMARY KEY,
    name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE discarded (
    intent BLOB NOT NULL PRIMARY KEY,
    envelope BLOB NOT NULL,
    denial BLOB,
    answered_ms INTEGER NOT NULL,
    discarded_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
    document INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    heads BLOB NOT NULL,
    bytes BLOB NOT NULL
, round INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE TABLE envelopes (
    restore_epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    accepted_ms INTEGER NOT NULL,
    envelope BLOB NOT NULL,
    receipt INTEGER, intent BLOB NOT NULL DEFAULT x'', log_epoch INTEGER NOT NULL DEFAULT 0, log_seq INTEGER NOT NULL DEFAULT 0, handed INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (seq, restore_epoch)
) STRICT;

CREATE INDEX envelopes_by_intent ON envelopes (intent);

CREATE TABLE faults (
    document INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (document, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE forgets (
    record BLOB NOT NULL,
    facet INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    state INTEGER NOT NULL,
    PRIMARY KEY (record, facet)
) STRICT, WITHOUT ROWID;

CREATE TABLE history (
    document INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    change BLOB NOT NULL,
    entry BLOB NOT NULL, accepted_ms INTEGER,
    PRIMARY KEY (document, seq, change)
) STRICT, WITHOUT ROWID;

CREATE INDEX history_by_place ON history (seq, accepted_ms);

CREATE TABLE journal (
    seq INTEGER NOT NULL,
    document INTEGER NOT NULL,
    change BLOB NOT NULL,
    PRIMARY KEY (seq, document, change)
) STRICT, WITHOUT ROWID;

CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE needs_you (
    intent BLOB NOT NULL PRIMARY KEY,
    envelope BLOB NOT NULL,
    denial BLOB NOT NULL,
    answered_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE own_intents (
    intent BLOB NOT NULL PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE pending (
    number INTEGER PRIMARY KEY,
    intent BLOB NOT NULL UNIQUE,
    clock INTEGER NOT NULL,
    envelope BLOB NOT NULL,
    state INTEGER NOT NULL,
    seq INTEGER,
    waits_for BLOB
, sent INTEGER NOT NULL DEFAULT 0) STRICT;

CREATE INDEX pending_waiting ON pending (number) WHERE state = 2;

CREATE TABLE pending_parts (
    document INTEGER NOT NULL,
    number INTEGER NOT NULL,
    change BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (document, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE planning (
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    intent BLOB NOT NULL PRIMARY KEY,
    envelope BLOB NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE receipts (
    receipt INTEGER PRIMARY KEY,
    restore_epoch INTEGER NOT NULL,
    last_seq INTEGER NOT NULL,
    body BLOB NOT NULL
, leaves BLOB NOT NULL DEFAULT x'') STRICT;

CREATE TABLE records (
    number INTEGER PRIMARY KEY,
    record BLOB NOT NULL UNIQUE,
    entity INTEGER NOT NULL
) STRICT;

CREATE INDEX records_ends ON records (substr(record, 14));

CREATE TABLE saved_views (
    entity INTEGER NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (entity, name)
) STRICT, WITHOUT ROWID;
