//! One generation of cryptography at run time: what the house allows beside it is excepted by name.

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::shell::command;

    /// Crates of which two versions at run time would mean two generations.
    const SINGLE: [&str; 14] = [
        "p256",
        "ecdsa",
        "elliptic-curve",
        "sha2",
        "digest",
        "hmac",
        "hkdf",
        "aes",
        "aes-gcm",
        "argon2",
        "der",
        "spki",
        "x509-cert",
        "ring",
    ];
    /// What must not be there at all.
    const BANNED: [&str; 5] = ["aws-lc-sys", "openssl", "native-tls", "jsonwebtoken", "josekit"];
    /// Tauri's code generator hashes assets at compile time with an older `sha2`; nothing of it runs with the wallet.
    const EXCEPTED: &str = "tauri-codegen";

    #[test]
    fn there_is_one_generation_of_cryptography_at_run_time() {
        let output = command(
            "cargo",
            &[
                "tree",
                "--workspace",
                "--edges",
                "normal,no-proc-macro",
                "--prefix",
                "none",
                "--format",
                "{p}",
            ],
        )
        .output()
        .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(!text.contains(EXCEPTED), "{EXCEPTED} has become a part of the run-time graph");
        for line in text.lines() {
            let mut words = line.split_whitespace();
            if let (Some(name), Some(version)) = (words.next(), words.next()) {
                let known = versions.entry(name).or_default();
                if !known.contains(&version) {
                    known.push(version);
                }
            }
        }
        assert!(versions.contains_key("p256"), "the graph was not read");
        for name in SINGLE {
            let found = versions.get(name).cloned().unwrap_or_default();
            assert!(found.len() <= 1, "{name} is there in versions {found:?}");
        }
        for name in BANNED {
            assert!(!versions.contains_key(name), "{name} is there");
        }
    }
}
