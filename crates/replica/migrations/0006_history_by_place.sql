-- Purpose: history is let go of by its place in the log, also what came with a snapshot and has no
-- time of its own. The index of what has one is in it.
-- Effect on older clients: none.

DROP INDEX history_places;

CREATE INDEX history_by_place ON history (seq, accepted_ms);
