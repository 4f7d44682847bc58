//! Nothing but a place for `benches/`: our work beside the bare cryptography it cannot avoid, measured in one run.
//!
//! `cargo xtask bench` runs them and writes `docs/benchmarks.md`.
