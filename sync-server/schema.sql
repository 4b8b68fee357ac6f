-- The durable tables of a tenant, as the migrations make them: version 5.
-- Generated; do not edit. `ROADBOOK_UPDATE=1 cargo test -p roadbook-server schema_file` writes it anew.
-- Projections are made from the schema table, not here.

CREATE TABLE batches (
    id INTEGER PRIMARY KEY,
    device BLOB NOT NULL,
    install_epoch INTEGER NOT NULL,
    received_ms INTEGER NOT NULL,
    root BLOB NOT NULL,
    signature BLOB NOT NULL,
    leaves BLOB NOT NULL
);

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

CREATE TABLE credentials (
    login TEXT PRIMARY KEY,
    user BLOB NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    demo INTEGER NOT NULL
) WITHOUT ROWID;

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

CREATE TABLE doc_scopes (
    record BLOB NOT NULL,
    facet INTEGER NOT NULL,
    audience BLOB NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL DEFAULT 9223372036854775807,
    PRIMARY KEY (record, facet, audience, from_seq)
) WITHOUT ROWID;

CREATE INDEX doc_scopes_closed ON doc_scopes (audience, to_seq)
    WHERE to_seq < 9223372036854775807;

CREATE INDEX doc_scopes_opened ON doc_scopes (audience, from_seq, to_seq);

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

CREATE TABLE installs (
    device BLOB NOT NULL,
    install_epoch INTEGER NOT NULL,
    last_number INTEGER NOT NULL,
    last_clock INTEGER NOT NULL,
    PRIMARY KEY (device, install_epoch)
) WITHOUT ROWID;

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

CREATE TABLE log_parts (
    place INTEGER PRIMARY KEY,
    record BLOB NOT NULL,
    facet INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    change BLOB NOT NULL,
    part BLOB NOT NULL,
    outcome BLOB NOT NULL
, raw BLOB NOT NULL DEFAULT x'');

CREATE INDEX log_parts_by_document ON log_parts (record, facet);

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value BLOB NOT NULL
) WITHOUT ROWID;

CREATE TABLE purges (
    device BLOB NOT NULL,
    record BLOB NOT NULL,
    facet INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    purged_ms INTEGER NOT NULL,
    PRIMARY KEY (device, record, facet, generation)
) WITHOUT ROWID;

CREATE TABLE quarantine (
    intent BLOB NOT NULL,
    device BLOB NOT NULL,
    user BLOB NOT NULL,
    reason TEXT NOT NULL,
    received_ms INTEGER NOT NULL,
    envelope BLOB NOT NULL, settled TEXT, note TEXT, settled_ms INTEGER,
    PRIMARY KEY (device, intent)
);

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

CREATE TABLE refused_changes (
    change BLOB PRIMARY KEY,
    device BLOB NOT NULL,
    intent BLOB NOT NULL,
    causes BLOB NOT NULL
, refused_ms INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;

CREATE INDEX refused_changes_by_device ON refused_changes (device, refused_ms);

CREATE TABLE refused_records (
    record BLOB PRIMARY KEY,
    user BLOB NOT NULL,
    intent BLOB NOT NULL
) WITHOUT ROWID;

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

CREATE TABLE user_scopes (
    user BLOB NOT NULL,
    audience BLOB NOT NULL,
    from_seq INTEGER NOT NULL,
    to_seq INTEGER NOT NULL DEFAULT 9223372036854775807,
    PRIMARY KEY (user, audience, from_seq)
) WITHOUT ROWID;

CREATE TABLE verdicts (
    intent BLOB PRIMARY KEY,
    user BLOB NOT NULL,
    device BLOB NOT NULL,
    verdict BLOB NOT NULL
) WITHOUT ROWID;
