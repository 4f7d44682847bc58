//! The only room that calls a cipher or a curve: keys, JOSE, COSE, envelopes.
