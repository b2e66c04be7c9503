//! `fetch-tools`: pinned Python tools in a folder of their own, so that nothing is asked of the machine but `python3`;
//! and what the browser tests need, where the machine has `npm`.

use crate::{files, process};
use anyhow::{Context as _, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Relative to the root.
const VENV: &str = ".tools/venv";
const REQUIREMENTS: &str = "shared/xtask/requirements.txt";

const BROWSER: &str = "integration-tests/browser";

/// Where the tool `name` is once it is fetched.
pub(crate) fn path(root: &Path, name: &str) -> PathBuf {
    root.join(VENV).join("bin").join(name)
}

/// Installs what the lists say; does nothing where that is what is there.
pub(crate) fn run(root: &Path) -> Result<()> {
    python(root)?;
    browser(root)
}

fn python(root: &Path) -> Result<()> {
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

/// False where a program is missing, e.g. where a newer Python has replaced the one that the environment links to.
fn starts(program: &Path) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
}

/// Without `npm` the tests in a browser are skipped, and say so.
fn browser(root: &Path) -> Result<()> {
    let lock = files::read(root, &Path::new(BROWSER).join("package-lock.json"))?;
    let stamp = root.join(BROWSER).join("node_modules/installed.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    if !starts(Path::new("npm")) {
        println!("note: npm is not installed, so no test runs in a browser");
        return Ok(());
    }
    println!("installing the packages of {BROWSER}");
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(root.join(BROWSER));
    process::run(&mut npm)?;
    fs::write(&stamp, lock).context("cannot write the stamp")
}
