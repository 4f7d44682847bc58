-- Version 3. Frozen: later versions are further files, this one never changes (tests/fixtures/v3 is a vault of this version).
-- A status list is kept by its address and the anchor under which its signer stands, so that another party's list of the same address
-- never takes its place. Of a list that an earlier version kept the anchor is not known: it stays, under none.
CREATE TABLE status_tokens_by_signer (
    uri TEXT NOT NULL,
    anchor BLOB NOT NULL,
    fetched_at INTEGER NOT NULL,
    token BLOB NOT NULL,
    PRIMARY KEY (uri, anchor)
) STRICT;
INSERT INTO status_tokens_by_signer (uri, anchor, fetched_at, token) SELECT uri, x'', fetched_at, token FROM status_tokens;
DROP TABLE status_tokens;
ALTER TABLE status_tokens_by_signer RENAME TO status_tokens;
