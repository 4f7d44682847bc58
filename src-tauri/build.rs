//! Tauri's build step. Capabilities and permissions live beside the shell's code, not at the top of the project.

use std::path::Path;

fn main() {
    for path in ["src-tauri/capabilities", "src-tauri/permissions", "tauri.conf.json"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let manifest = tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*")
        .app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
    // Schemas for editors only; they would lie at the top of the project.
    if Path::new("gen").is_dir() {
        let _ = std::fs::remove_dir_all("gen");
    }
}
