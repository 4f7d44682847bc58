//! OpenID for Verifiable Credential Issuance 1.0: wire types, the holder's and the issuer's state machines.
