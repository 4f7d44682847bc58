//! The project's own tasks: `cargo xtask run`, `cargo xtask test`, `cargo xtask rules`.

fn main() {}
