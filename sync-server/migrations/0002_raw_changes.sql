-- Purpose: keeps the change itself of a part that was made while others wrote the same document,
-- so that receivers apply it and need not copy the document to perform it again (ADR 0009).
-- Effect on older clients: none, they take raw changes already. Older entries stay without.

ALTER TABLE log_parts ADD COLUMN raw BLOB NOT NULL DEFAULT x'';
