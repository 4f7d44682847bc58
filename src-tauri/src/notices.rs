//! Licences and notices of what the application is built with.

const PARTS: [&str; 4] = [
    include_str!("../../NOTICE"),
    include_str!("../../LICENSE-MIT"),
    include_str!("../../ui/public/licences/PretendardGOV-OFL-1.1.txt"),
    include_str!("../notices/crates.txt"),
];

/// All of it as plain text.
pub(crate) fn text() -> String {
    PARTS.join("\n\n────────\n\n")
}
