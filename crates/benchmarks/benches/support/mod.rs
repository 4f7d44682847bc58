//! What the benchmarks share: a small world, and the bare cryptography.
#![allow(dead_code, unreachable_pub)]

pub mod bare;
pub mod cpu;
pub mod offline;
pub mod world;
