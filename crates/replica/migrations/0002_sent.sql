-- Purpose: notes from when on an intent may be on the server, until a verdict says what became of
-- it. Such work is neither given up nor handed to the quarantine, or it could be in two places.
-- Effect on older clients: none, they do not read the column.

ALTER TABLE pending ADD COLUMN sent INTEGER NOT NULL DEFAULT 0;
