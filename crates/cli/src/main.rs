//! `wallet`: everything that the window does, without a window.

fn main() {}
