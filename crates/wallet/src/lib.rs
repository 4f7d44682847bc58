//! The application: sessions, consent, copies and their use, history. Meets the world only through the ports.
