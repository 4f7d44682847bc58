//! The verifier as a library and a service: requests, sessions, results, its page.
