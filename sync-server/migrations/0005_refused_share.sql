-- Purpose: notes when a change was refused, so that each device has a bounded share of what is
-- remembered: beyond it the oldest go. What was refused before counts as oldest.
-- Effect on older clients: none, what they wait for is remembered as before.

ALTER TABLE refused_changes ADD COLUMN refused_ms INTEGER NOT NULL DEFAULT 0;
CREATE INDEX refused_changes_by_device ON refused_changes (device, refused_ms);
