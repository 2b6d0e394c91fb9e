//! The shell installer, with releases in a local directory.

use std::fs;
use std::process::Command;

use crate::fixture::{Scene, repository, shown};

#[test]
fn the_installer_installs_what_the_checksum_says_and_nothing_else() {
    let scene = Scene::new();
    let shell = |script: &str| {
        let mut sh = Command::new("sh");
        sh.args(["-c", script]).current_dir(scene.path()).env_clear().env("HOME", scene.path());
        sh.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        sh.env("CALLSHEET_RELEASES", format!("file://{}/releases", scene.path().display()));
        shown(&mut sh)
    };
    let made = shell(
        "set -e; mkdir -p releases/download/v0.1.0 pack; printf '#!/bin/sh\\necho callsheet 0.1.0\\n' > pack/callsheet
         cd releases/download/v0.1.0
         for target in x86_64-unknown-linux-musl aarch64-unknown-linux-musl x86_64-apple-darwin aarch64-apple-darwin; do
           tar -czf callsheet-$target.tar.gz -C ../../../pack .
         done
         if command -v sha256sum >/dev/null; then sha256sum *.tar.gz; else shasum -a 256 *.tar.gz; fi > SHA256SUMS
         mkdir ../../latest && ln -s ../download/v0.1.0 ../../latest/download",
    );
    assert_eq!(made.code, 0, "{}", made.err);
    let installer = repository().join(".github/install.sh");
    let install = |args: &str| shell(&format!("sh {} {args}", installer.display()));
    let done = install("");
    assert_eq!(done.code, 0, "{}", done.err);
    let place = scene.path().join(".local/bin/callsheet");
    assert!(done.out.starts_with(&format!("installed callsheet 0.1.0 as {}\n", place.display())), "{}", done.out);
    assert!(done.out.contains("is not on your PATH yet"), "{}", done.out);
    assert_eq!(install("--version v0.1.0 --to elsewhere").code, 0);
    for (args, says) in
        [("--version v9", "cannot be fetched"), ("--to", "--to wants a folder"), ("--force", "`--force` is no option")]
    {
        let refused = install(args);
        assert_eq!(refused.code, 1, "{args}");
        assert!(refused.err.contains("callsheet was not installed: ") && refused.err.contains(says), "{}", refused.err);
    }
    fs::remove_file(&place).unwrap();
    shell("cd releases/download/v0.1.0 && for one in *.tar.gz; do printf x >> $one; done");
    let refused = install("");
    assert!(refused.code == 1 && refused.err.contains("the checksum of"), "{}", refused.err);
    assert!(!place.exists());
}
