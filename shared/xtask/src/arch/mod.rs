//! `check-arch`: the tree holds to the tables of [`crate::arch_rules`].

mod dependencies;
mod lockfile;
mod manifests;
mod packages;
mod sources;

use crate::arch_rules::LONG_FILE_LINES;
use crate::files;
use crate::workspace::Workspace;
use anyhow::{Result, bail};
use std::fmt;
use std::path::{Path, PathBuf};

/// A rule that a file breaks.
#[derive(Debug, PartialEq)]
struct Violation {
    file: PathBuf,
    /// Stable short name.
    rule: &'static str,
    detail: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: [{}] {}", self.file.display(), self.rule, self.detail)
    }
}

/// Checks every rule and lists all violations; an error if there is one.
pub(crate) fn run(root: &Path) -> Result<()> {
    let workspace = Workspace::load(root)?;
    let mut violations: Vec<_> = manifests::unsafe_code_allowed(&workspace.root).into_iter().collect();
    for member in &workspace.members {
        violations.extend(dependencies::check(member));
        violations.extend(manifests::lints_not_inherited(member));
        for file in files::with_extension(root, &member.folder, "rs")? {
            let text = files::read(root, &file)?;
            violations.extend(sources::adapter_outside_wiring(&file, &text));
            if let Some(lines) = sources::too_long(&text) {
                println!("warning: {}: {lines} lines, more than {LONG_FILE_LINES}", file.display());
            }
        }
    }
    for file in files::with_extension(root, Path::new("proto"), "proto")? {
        violations.extend(packages::check(&file, &files::read(root, &file)?));
    }
    violations.extend(lockfile::check(&files::read(root, Path::new("Cargo.lock"))?)?);

    for violation in &violations {
        println!("{violation}");
    }
    match violations.len() {
        0 => Ok(()),
        count => bail!("{count} violation(s) of the architecture rules"),
    }
}
