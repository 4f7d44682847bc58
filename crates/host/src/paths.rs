//! Where the wallet keeps its folder (decision 0001).

use std::path::PathBuf;

/// Name of the folder under the platform's data folder.
pub const FOLDER_NAME: &str = "citizen-wallet";

/// The wallet's data folder: `$XDG_DATA_HOME` or `~/.local/share`, `~/Library/Application Support`, `%APPDATA%`. `None` where the
/// environment names no home.
#[must_use]
pub fn data_folder() -> Option<PathBuf> {
    data_folder_of(|name| std::env::var_os(name))
}

fn data_folder_of(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Option<PathBuf> {
    // The XDG specification: a relative path is ignored; so is an empty one.
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let base = if cfg!(target_os = "windows") {
        absolute("APPDATA")
    } else if cfg!(target_os = "macos") {
        absolute("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")))
    };
    base.map(|base| base.join(FOLDER_NAME))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    fn folder(variables: &[(&str, &str)]) -> Option<PathBuf> {
        data_folder_of(|name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
        })
    }

    #[test]
    fn the_data_home_comes_before_the_home_and_relative_ones_are_ignored() {
        assert_eq!(folder(&[("XDG_DATA_HOME", "/d"), ("HOME", "/h")]), Some("/d/citizen-wallet".into()));
        assert_eq!(
            folder(&[("XDG_DATA_HOME", "d"), ("HOME", "/h")]),
            Some("/h/.local/share/citizen-wallet".into())
        );
        assert_eq!(folder(&[("XDG_DATA_HOME", ""), ("HOME", "")]), None);
    }
}
