-- Purpose: the durable tables of one tenant: log, documents, scopes, devices, verdicts.
-- Effect on older clients: none; it is the first.

-- Single values: tenant id, name, keys, restore epoch, backup watermark, schema fingerprint.
CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

-- Accepted envelopes, in the order in which they were taken in. Hash-chained: chain =
-- SHA-256(chain of the entry before, leaf of this envelope).
CREATE TABLE log (
    seq INTEGER PRIMARY KEY,
    intent BLOB NOT NULL,
    user BLOB NOT NULL,
    device BLOB NOT NULL,
    install_epoch INTEGER NOT NULL,
    accepted_ms INTEGER NOT NULL,
    batch INTEGER,
    header BLOB NOT NULL,
    chain BLOB NOT NULL
);

-- place = seq * 32 + slot * 2 + facet: an envelope has at most 16 slots.
CREATE TABLE log_parts (
    place INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    facet INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    change BLOB NOT NULL,
    part BLOB NOT NULL,
    outcome BLOB NOT NULL
);
CREATE INDEX log_parts_by_document ON log_parts (record, facet);

-- Signed batches as they came: the path from any leaf to its root can be shown.
CREATE TABLE batches (
    id INTEGER PRIMARY KEY,
    device BLOB NOT NULL,
    install_epoch INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    root BLOB NOT NULL,
    signature BLOB NOT NULL,
    leaves BLOB NOT NULL
);

-- Final verdicts, by intent: the same intent sent twice is applied once.
CREATE TABLE verdicts (
    intent BLOB PRIMARY KEY,
    user BLOB NOT NULL,
    device BLOB NOT NULL,
    verdict BLOB NOT NULL
) WITHOUT ROWID;

-- Changes that were not taken in, with what they wrote: whoever builds on them is held or told
-- to rebase.
CREATE TABLE refused_changes (
    change BLOB PRIMARY KEY,
    device BLOB NOT NULL,
    intent BLOB NOT NULL,
    causes BLOB NOT NULL
) WITHOUT ROWID;

-- Records whose creation was denied: whoever refers to them is held.
CREATE TABLE refused_records (
    record BLOB PRIMARY KEY,
    user BLOB NOT NULL,
    intent BLOB NOT NULL
) WITHOUT ROWID;

-- Accepted documents.
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    facet INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    entity INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    heads BLOB NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (record, facet, generation)
);
CREATE INDEX documents_by_entity ON documents (entity, facet);

-- What decides who sees a record. facets: bit 0 internal, bit 1 confidential document exists.
CREATE TABLE records (
    record BLOB PRIMARY KEY,
    entity INTEGER NOT NULL,
    owner BLOB,
    territory BLOB,
    team BLOB,
    parent BLOB,
    facets INTEGER NOT NULL,
    created_by BLOB NOT NULL,
    created_seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX records_by_parent ON records (parent) WHERE parent IS NOT NULL;

-- Who sees what, by position in the log: from_seq <= position < to_seq.
CREATE TABLE doc_scopes (
    record BLOB NOT NULL,
    facet INTEGER NOT NULL,
    audience BLOB NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL DEFAULT 9223372036854775807,
    PRIMARY KEY (record, facet, audience, from_seq)
) WITHOUT ROWID;
CREATE INDEX doc_scopes_opened ON doc_scopes (audience, from_seq, to_seq);
CREATE INDEX doc_scopes_closed ON doc_scopes (audience, to_seq)
    WHERE to_seq < 9223372036854775807;

CREATE TABLE user_scopes (
    user BLOB NOT NULL,
    audience BLOB NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL DEFAULT 9223372036854775807,
    PRIMARY KEY (user, audience, from_seq)
) WITHOUT ROWID;

-- Disputes, from the envelope that made the second survivor to the one that settled them.
CREATE TABLE conflicts (
    intent BLOB NOT NULL,
    record BLOB NOT NULL,
    field TEXT NOT NULL,
    facet INTEGER NOT NULL,
    opened_seq INTEGER NOT NULL,
    closed_seq INTEGER,
    closed_by BLOB,
    PRIMARY KEY (record, field, intent)
) WITHOUT ROWID;
CREATE INDEX conflicts_open ON conflicts (record, facet) WHERE closed_seq IS NULL;

CREATE TABLE devices (
    device BLOB PRIMARY KEY,
    user BLOB NOT NULL,
    name TEXT NOT NULL,
    public_key BLOB NOT NULL,
    salt_key BLOB NOT NULL,
    enrolled_ms INTEGER NOT NULL,
    revoked_ms INTEGER,
    last_sync_ms INTEGER
) WITHOUT ROWID;

-- How far each installation has come: the last number judged and the last clock accepted.
CREATE TABLE installs (
    device BLOB NOT NULL,
    install_epoch INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    last_clock INTEGER NOT NULL,
    PRIMARY KEY (device, install_epoch)
) WITHOUT ROWID;

-- What the local issuer checks passwords against.
CREATE TABLE credentials (
    login TEXT PRIMARY KEY,
    user BLOB NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    demo INTEGER NOT NULL
) WITHOUT ROWID;

-- Unsent work that devices handed over before they purged it.
CREATE TABLE quarantine (
    intent BLOB NOT NULL,
    device BLOB NOT NULL,
    user BLOB NOT NULL,
    reason TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    envelope BLOB NOT NULL,
    PRIMARY KEY (device, intent)
);

-- Documents that devices say they purged.
CREATE TABLE purges (
    device BLOB NOT NULL,
    record BLOB NOT NULL,
    facet INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    purged_ms INTEGER NOT NULL,
    PRIMARY KEY (device, record, facet, generation)
) WITHOUT ROWID;
