//! OpenID for Verifiable Presentations 1.0: request authentication, responses, both state machines.
