//! `fetch-tools`: pinned Python tools in a folder of their own, so that nothing is asked of the machine but `python3`.

use crate::{files, process};
use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Relative to the root.
const VENV: &str = ".tools/venv";
const REQUIREMENTS: &str = "shared/xtask/requirements.txt";

/// Where the tool `name` is once it is fetched.
pub(crate) fn path(root: &Path, name: &str) -> PathBuf {
    root.join(VENV).join("bin").join(name)
}

/// Installs what the requirements say; does nothing if that is what is there.
pub(crate) fn run(root: &Path) -> Result<()> {
    let requirements = files::read(root, Path::new(REQUIREMENTS))?;
    let venv = root.join(VENV);
    // Written last, so an installation that was cut short is begun anew.
    let stamp = venv.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == requirements) && starts(&path(root, "python")) {
        return Ok(());
    }

    println!("installing {REQUIREMENTS} into {VENV}");
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv)).context(
        "cannot make a virtual environment; Python 3.11 or newer with its venv module is needed \
         (Debian: apt install python3-venv)",
    )?;
    // Wheels only: building one of these from source takes longer than everything else together.
    let mut pip = Command::new(path(root, "python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--only-binary=:all:"]);
    process::run(pip.arg("--requirement").arg(root.join(REQUIREMENTS)))?;
    fs::write(&stamp, requirements).context("cannot write the stamp")?;
    Ok(())
}

/// False where a newer Python has replaced the one that the environment links to.
fn starts(python: &Path) -> bool {
    Command::new(python).arg("--version").output().is_ok_and(|output| output.status.success())
}
