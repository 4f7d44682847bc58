//! The synthetic agencies: issuers, a wallet provider, status and trust lists, verifiers, on loopback (시연용).
