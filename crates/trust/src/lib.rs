//! May this party sign this, and is it still valid?
