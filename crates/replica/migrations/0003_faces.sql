-- Purpose: what faces with a screen keep on a device: saved views of lists, and intents that were
-- given up or withdrawn and can be taken back. Beside it, when the server took a change in (to tell
-- who was offline), the changes of one place in the log (to undo an intent), and the ends of ids
-- (short ids are looked up by them).
-- Effect on older clients: none, they read neither the tables nor the column.

CREATE TABLE saved_views (
    entity INTEGER NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (entity, name)
) STRICT, WITHOUT ROWID;

-- denial: NULL for work that had not been sent.
CREATE TABLE discarded (
    intent BLOB NOT NULL PRIMARY KEY,
    envelope BLOB NOT NULL,
    denial BLOB,
    answered_ms INTEGER NOT NULL,
    discarded_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- NULL for what came with a snapshot.
ALTER TABLE history ADD COLUMN accepted_ms INTEGER;

CREATE INDEX history_places ON history (seq) WHERE accepted_ms IS NOT NULL;

-- The last three bytes of an id are the last six digits of its text.
CREATE INDEX records_ends ON records (substr(record, 14));
