//! `citizen-wallet`: the window.

fn main() {}
