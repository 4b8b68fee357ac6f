-- Purpose: notes what an operator did with unsent work in the quarantine, and why.
-- settled: `readmitted` or `dropped`; NULL while nobody has decided. What was dropped has no
-- envelope any more.
-- Effect on older clients: none, they do not read the quarantine.

ALTER TABLE quarantine ADD COLUMN settled TEXT;
ALTER TABLE quarantine ADD COLUMN note TEXT;
ALTER TABLE quarantine ADD COLUMN settled_ms INTEGER;
