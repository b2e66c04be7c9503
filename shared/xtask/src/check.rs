//! `check`: everything that can be said about the tree without running it.

use crate::{arch, process, protos};
use anyhow::{Result, bail};
use std::path::Path;
use std::time::Instant;

type Step = (&'static str, fn(&Path) -> Result<()>);

const STEPS: &[Step] =
    &[("fmt", format), ("clippy", clippy), ("check-arch", arch::run), ("check-protos", protos::check)];

/// Runs every step, also after one has failed: whoever repairs wants to see all of it at once.
pub(crate) fn run(root: &Path) -> Result<()> {
    let mut failed = Vec::new();
    for (name, step) in STEPS {
        let start = Instant::now();
        let outcome = step(root);
        let seconds = start.elapsed().as_secs_f64();
        match outcome {
            Ok(()) => println!("{name}: passed in {seconds:.1} s"),
            Err(error) => {
                println!("{name}: FAILED in {seconds:.1} s: {error:#}");
                failed.push(*name);
            }
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

fn format(root: &Path) -> Result<()> {
    process::run(process::cargo().current_dir(root).args(["fmt", "--all", "--check"]))
}

fn clippy(root: &Path) -> Result<()> {
    let arguments = ["clippy", "--quiet", "--workspace", "--all-targets", "--", "-D", "warnings"];
    process::run(process::cargo().current_dir(root).args(arguments))
}
