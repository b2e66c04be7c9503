//! Packages that must be in the lock exactly once.

use super::Violation;
use crate::arch_rules::ONE_VERSION;
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::path::PathBuf;

#[derive(Deserialize)]
struct Lock {
    package: Vec<LockedPackage>,
}

#[derive(Deserialize)]
struct LockedPackage {
    name: String,
    version: String,
}

pub(super) fn check(text: &str) -> Result<Vec<Violation>> {
    let lock: Lock = toml::from_str(text).context("in Cargo.lock")?;
    let mut violations = Vec::new();
    for name in ONE_VERSION {
        let locked = lock.package.iter().filter(|package| package.name == *name);
        let versions: Vec<_> = locked.map(|package| package.version.as_str()).collect();
        if versions.len() != 1 {
            violations.push(Violation {
                file: PathBuf::from("Cargo.lock"),
                rule: "one-version",
                detail: format!("{name} must be there in exactly one version, not [{}]", versions.join(", ")),
            });
        }
    }
    Ok(violations)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lock(packages: &[(&str, &str)]) -> String {
        let entry =
            |(name, version): &(&str, &str)| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
        packages.iter().map(entry).collect()
    }

    #[test]
    fn one_of_each_passes() {
        let text = lock(&[("tonic", "0.14.9"), ("opentelemetry", "0.33.1"), ("syn", "1.0.0"), ("syn", "2.0.0")]);
        assert_eq!(check(&text).unwrap(), []);
    }

    #[test]
    fn a_second_version_is_refused() {
        let text = lock(&[("tonic", "0.13.1"), ("tonic", "0.14.9"), ("opentelemetry", "0.33.1")]);
        let violations = check(&text).unwrap();
        assert_eq!(
            violations.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["Cargo.lock: [one-version] tonic must be there in exactly one version, not [0.13.1, 0.14.9]"]
        );
    }
}
