-- Version 2. Frozen: later versions are further files, this one never changes (tests/fixtures/v2 is a vault of this version).
-- What an issuer granted: with it copies are fetched anew. Papers that came together share one.
CREATE TABLE grants (
    id TEXT PRIMARY KEY NOT NULL,
    issuer TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    state BLOB NOT NULL
) STRICT;

-- By which grant the copies of a paper in one format came, and as what.
CREATE TABLE paper_sources (
    paper TEXT NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
    format TEXT NOT NULL,
    grant_id TEXT NOT NULL REFERENCES grants (id),
    configuration_id TEXT NOT NULL,
    credential_identifier TEXT,
    PRIMARY KEY (paper, format)
) STRICT;
CREATE INDEX paper_sources_by_grant ON paper_sources (grant_id);

-- From this version on pending_sessions.kind may also say 'telling'.
