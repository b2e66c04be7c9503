//! `check-protos` and `release-protos`: the schemas are well-formed, and what was released once stays readable.
//!
//! Stored events are read for as long as a log exists, so they are held against a checked-in image of everything ever
//! released. History would not do: it is absent from a shallow clone, and on the main branch there is nothing to
//! compare with. Only a release rewrites the image, and only with one that is compatible with it.

use crate::{fetch_tools, process};
use anyhow::{Context as _, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The released schemas, as a file descriptor set relative to the root.
const RELEASED: &str = "proto/released.binpb";

/// Lint, format, and no breaking change since the last release.
pub(crate) fn check(root: &Path) -> Result<()> {
    fetch_tools::run(root)?;
    process::run(buf(root).args(["lint", "proto"]))?;
    process::run(buf(root).args(["format", "proto", "--diff", "--exit-code"]))?;
    if !root.join(RELEASED).exists() {
        bail!("{RELEASED} is missing, so nothing guards the released schemas; `cargo xtask release-protos` writes it");
    }
    compatible(root)
}

/// Takes the schemas as they are for released: from now on `check` guards them.
pub(crate) fn release(root: &Path) -> Result<()> {
    fetch_tools::run(root)?;
    process::run(buf(root).args(["lint", "proto"]))?;
    if root.join(RELEASED).exists() {
        compatible(root)?;
    }
    // Comments may change, and without them the image does only when the schemas do.
    let fresh = root.join("proto/.released.new.binpb");
    process::run(buf(root).args(["build", "proto", "--exclude-source-info", "--output"]).arg(&fresh))?;
    fs::rename(&fresh, root.join(RELEASED)).context("cannot put the new image in place")?;
    println!("{RELEASED} is written; commit it together with the release");
    Ok(())
}

fn compatible(root: &Path) -> Result<()> {
    process::run(buf(root).args(["breaking", "proto", "--against", RELEASED]))
        .context("a released schema changed; add fields or a new version of the package instead")
}

fn buf(root: &Path) -> Command {
    let mut command = Command::new(fetch_tools::path(root, "buf"));
    // Its default place is the home directory, which a build machine may not have.
    command.current_dir(root).env("BUF_CACHE_DIR", root.join(".tools/buf-cache"));
    command
}
