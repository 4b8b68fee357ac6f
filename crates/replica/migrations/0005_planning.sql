-- Purpose: what planning keeps on a device alone: snapshots of the pipeline, models that score,
-- adjustments of forecasts, quotas, places. `kind` says which, `number` which one of them.
-- Effect on older clients: none, they do not read the table.

CREATE TABLE planning (
    kind TEXT NOT NULL,
    number INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;
