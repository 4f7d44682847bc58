-- Version 1. Frozen: later versions are further files, this one never changes (tests/fixtures/v1 is a vault of this version).
CREATE TABLE papers (
    id TEXT PRIMARY KEY NOT NULL,
    type_key TEXT NOT NULL,
    shelf TEXT NOT NULL,
    issuer_id TEXT NOT NULL,
    issuer_name TEXT NOT NULL,
    formats TEXT NOT NULL,
    summary TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    expires_at INTEGER,
    state TEXT NOT NULL,
    -- Last, so that a list does not walk through its overflow pages.
    metadata TEXT NOT NULL
) STRICT;
CREATE INDEX papers_by_shelf ON papers (shelf, received_at);

CREATE TABLE copies (
    id TEXT PRIMARY KEY NOT NULL,
    paper TEXT NOT NULL REFERENCES papers (id) ON DELETE CASCADE,
    format TEXT NOT NULL,
    key_backend TEXT,
    key_version INTEGER,
    key_handle BLOB,
    used_count INTEGER NOT NULL,
    last_used_at INTEGER,
    batch TEXT NOT NULL,
    credential BLOB NOT NULL
) STRICT;
-- Covers the counts of a list.
CREATE INDEX copies_by_paper ON copies (paper, used_count);

CREATE TABLE reserved_keys (
    id TEXT PRIMARY KEY NOT NULL,
    session TEXT NOT NULL,
    key_backend TEXT NOT NULL,
    key_version INTEGER NOT NULL,
    key_handle BLOB NOT NULL UNIQUE,
    reserved_at INTEGER NOT NULL
) STRICT;
CREATE INDEX reserved_keys_by_session ON reserved_keys (session);

CREATE TABLE pending_sessions (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    issuer TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    next_try_at INTEGER,
    expires_at INTEGER,
    state BLOB NOT NULL
) STRICT;

CREATE TABLE answered_requests (
    digest BLOB PRIMARY KEY NOT NULL,
    answered_at INTEGER NOT NULL,
    keep_until INTEGER NOT NULL
) STRICT;
CREATE INDEX answered_requests_by_age ON answered_requests (keep_until);

CREATE TABLE status_tokens (
    uri TEXT PRIMARY KEY NOT NULL,
    fetched_at INTEGER NOT NULL,
    token BLOB NOT NULL
) STRICT;

CREATE TABLE trust_lists (
    uri TEXT PRIMARY KEY NOT NULL,
    sequence INTEGER NOT NULL,
    fetched_at INTEGER NOT NULL,
    token BLOB NOT NULL
) STRICT;

CREATE TABLE history (
    sequence INTEGER PRIMARY KEY NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    party TEXT,
    items TEXT NOT NULL,
    papers TEXT NOT NULL,
    purpose TEXT,
    retention TEXT,
    rule TEXT,
    code TEXT,
    outcome TEXT NOT NULL,
    previous BLOB NOT NULL,
    hash BLOB NOT NULL
) STRICT;

CREATE TABLE settings (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT;
CREATE TABLE seen (key TEXT PRIMARY KEY NOT NULL, seen_at INTEGER NOT NULL) STRICT;
CREATE TABLE marks (name TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT;
