//! The world, once: HTTP with the address rules, TLS, the keyring, the browser, the file lock, pixels to QR text.
