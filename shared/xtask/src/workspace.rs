//! The workspace's manifests, as far as the checks need them.

use crate::files;
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The root manifest and those of its members.
pub(crate) struct Workspace {
    /// What stands in the root manifest.
    pub(crate) root: RootManifest,
    /// In the order of the root manifest.
    pub(crate) members: Vec<Member>,
}

impl Workspace {
    /// Reads every manifest below the folder `root`.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let manifest = RootManifest::parse(&files::read(root, Path::new("Cargo.toml"))?).context("in Cargo.toml")?;
        let mut members = Vec::new();
        for folder in &manifest.workspace.members {
            let file = Path::new(folder).join("Cargo.toml");
            let member = Member::parse(folder, &files::read(root, &file)?, &manifest);
            members.push(member.with_context(|| format!("in {}", file.display()))?);
        }
        Ok(Self { root: manifest, members })
    }
}

/// The manifest at the root.
#[derive(Deserialize)]
pub(crate) struct RootManifest {
    workspace: WorkspaceTable,
}

#[derive(Deserialize)]
struct WorkspaceTable {
    members: Vec<String>,
    #[serde(default)]
    dependencies: Dependencies,
    #[serde(default)]
    lints: toml::Table,
}

impl RootManifest {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        Ok(toml::from_str(text)?)
    }

    /// True when the lints that members inherit forbid unsafe code.
    pub(crate) fn forbids_unsafe_code(&self) -> bool {
        let level = self.workspace.lints.get("rust").and_then(|rust| rust.get("unsafe_code"));
        let level = level.and_then(|lint| lint.get("level").or(Some(lint)));
        level.and_then(toml::Value::as_str) == Some("forbid")
    }
}

/// One crate of the workspace.
pub(crate) struct Member {
    /// Package name.
    pub(crate) name: String,
    /// Folder, relative to the root.
    pub(crate) folder: PathBuf,
    /// All of them, of all kinds and targets.
    pub(crate) dependencies: Vec<Dependency>,
    /// `[lints] workspace = true`
    pub(crate) inherits_lints: bool,
}

impl Member {
    /// `root` resolves the packages behind inherited dependencies.
    pub(crate) fn parse(folder: &str, text: &str, root: &RootManifest) -> Result<Self> {
        let manifest: MemberManifest = toml::from_str(text)?;
        let mut dependencies = manifest.own.resolve(root);
        dependencies.extend(manifest.target.values().flat_map(|tables| tables.resolve(root)));
        Ok(Self {
            name: manifest.package.name,
            folder: PathBuf::from(folder),
            dependencies,
            inherits_lints: manifest.lints.workspace,
        })
    }

    /// The manifest's path, relative to the root.
    pub(crate) fn manifest(&self) -> PathBuf {
        self.folder.join("Cargo.toml")
    }
}

/// One entry of a table of dependencies.
#[derive(Debug, PartialEq)]
pub(crate) struct Dependency {
    /// The package's own name, whatever it is renamed to.
    pub(crate) package: String,
    /// Stands in `[dev-dependencies]`.
    pub(crate) dev: bool,
}

#[derive(Deserialize)]
struct MemberManifest {
    package: Package,
    #[serde(default)]
    lints: Lints,
    #[serde(flatten)]
    own: DependencyTables,
    #[serde(default)]
    target: BTreeMap<String, DependencyTables>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
}

#[derive(Default, Deserialize)]
struct Lints {
    #[serde(default)]
    workspace: bool,
}

type Dependencies = BTreeMap<String, Specification>;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct DependencyTables {
    #[serde(default)]
    dependencies: Dependencies,
    #[serde(default)]
    dev_dependencies: Dependencies,
    #[serde(default)]
    build_dependencies: Dependencies,
}

impl DependencyTables {
    fn resolve(&self, root: &RootManifest) -> Vec<Dependency> {
        let tables = [(&self.dependencies, false), (&self.build_dependencies, false), (&self.dev_dependencies, true)];
        let resolved = tables.into_iter().flat_map(|(table, dev)| {
            table.iter().map(move |(key, specification)| Dependency {
                package: specification.package(key, root).to_owned(),
                dev,
            })
        });
        resolved.collect()
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Specification {
    Table {
        package: Option<String>,
        #[serde(default)]
        workspace: bool,
    },
    Version(#[expect(dead_code, reason = "only tells the two forms apart")] String),
}

impl Specification {
    fn package<'a>(&'a self, key: &'a str, root: &'a RootManifest) -> &'a str {
        match self {
            Self::Table { package: Some(package), .. } => package,
            Self::Table { workspace: true, .. } => match root.workspace.dependencies.get(key) {
                Some(Self::Table { package: Some(package), .. }) => package,
                _ => key,
            },
            _ => key,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packages(root: &str, member: &str) -> Vec<(String, bool)> {
        let root = RootManifest::parse(root).unwrap();
        let member = Member::parse("shared/kernel", member, &root).unwrap();
        member.dependencies.into_iter().map(|dependency| (dependency.package, dependency.dev)).collect()
    }

    #[test]
    fn a_renamed_package_is_known_by_its_own_name() {
        let root = r#"
            [workspace]
            members = []
            [workspace.dependencies]
            index = { package = "sled", version = "0.34" }
        "#;
        let member = r#"
            [package]
            name = "allmende-kernel"
            [dependencies]
            index.workspace = true
            lsm = { package = "fjall", version = "3" }
            uuid = "1"
        "#;
        let expected = ["sled", "fjall", "uuid"].map(|package| (package.to_owned(), false));
        assert_eq!(packages(root, member), expected);
    }

    #[test]
    fn dependencies_of_every_kind_and_target_are_seen() {
        let member = r#"
            [package]
            name = "allmende-kernel"
            [dependencies]
            a = "1"
            [build-dependencies]
            b = "1"
            [dev-dependencies]
            c = "1"
            [target.'cfg(unix)'.dependencies]
            d = "1"
        "#;
        let expected = [("a", false), ("b", false), ("c", true), ("d", false)];
        assert_eq!(
            packages("[workspace]\nmembers = []", member),
            expected.map(|(package, dev)| (package.to_owned(), dev))
        );
    }
}
