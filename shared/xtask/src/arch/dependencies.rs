//! Who may depend on whom, and on which packages.

use super::Violation;
use crate::arch_rules::{MAY_DEPEND_ON, Ours, SOLE_USERS, TEST_SUPPORT};
use crate::workspace::{Dependency, Member};

pub(super) fn check(member: &Member) -> Vec<Violation> {
    let violation = |rule, detail| Violation { file: member.manifest(), rule, detail };
    let Some((_, ours)) = MAY_DEPEND_ON.iter().find(|(name, _)| *name == member.name) else {
        let detail = format!("{} is not in the table of shared/xtask/src/arch_rules.rs", member.name);
        return vec![violation("unlisted-crate", detail)];
    };

    let mut violations = Vec::new();
    for dependency in &member.dependencies {
        let package = &dependency.package;
        if is_ours(package) && package != &member.name && !permits(ours, dependency) {
            violations.push(violation("dependency", format!("{} may not depend on {package}", member.name)));
        }
        if let Some((_, user)) = SOLE_USERS.iter().find(|(name, user)| name == package && *user != member.name) {
            violations.push(violation("sole-user", format!("only {user} may name {package}")));
        }
    }
    violations
}

fn is_ours(package: &str) -> bool {
    package == "xtask" || package == "allmende" || package.starts_with("allmende-")
}

fn permits(ours: &Ours, dependency: &Dependency) -> bool {
    let package = dependency.package.as_str();
    if dependency.dev && package == TEST_SUPPORT {
        return true;
    }
    match ours {
        Ours::Only(allowed) => allowed.contains(&package),
        Ours::AnyBut(denied) => !denied.contains(&package),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::RootManifest;

    /// Rules that a crate of this name with these tables breaks.
    fn broken(name: &str, tables: &str) -> Vec<String> {
        let root = RootManifest::parse("[workspace]\nmembers = []").unwrap();
        let manifest = format!("[package]\nname = \"{name}\"\n{tables}");
        let member = Member::parse("shared/x", &manifest, &root).unwrap();
        check(&member).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_allowed_dependency_passes() {
        assert!(broken("allmende-eventlog", "[dependencies]\nallmende-kernel.workspace = true").is_empty());
    }

    #[test]
    fn a_dependency_outside_the_list_is_named() {
        assert_eq!(
            broken("allmende-kernel", "[dependencies]\nallmende-eventlog.workspace = true"),
            ["shared/x/Cargo.toml: [dependency] allmende-kernel may not depend on allmende-eventlog"]
        );
    }

    #[test]
    fn test_and_build_code_hold_to_the_list_too() {
        for table in ["dev-dependencies", "build-dependencies", "target.'cfg(unix)'.dependencies"] {
            let tables = format!("[{table}]\nallmende-telemetry.workspace = true");
            assert_eq!(broken("allmende-telemetry-domain", &tables).len(), 1, "{table}");
        }
    }

    #[test]
    fn test_support_is_for_tests_alone() {
        assert!(broken("allmende-kernel", "[dev-dependencies]\nallmende-testkit.workspace = true").is_empty());
        assert_eq!(broken("allmende-kernel", "[dependencies]\nallmende-testkit.workspace = true").len(), 1);
    }

    #[test]
    fn the_all_in_one_takes_any_service_but_no_tests() {
        assert!(broken("allmende", "[dependencies]\nallmende-telemetry.workspace = true").is_empty());
        assert_eq!(broken("allmende", "[dependencies]\nallmende-integration-tests.workspace = true").len(), 1);
    }

    #[test]
    fn a_crate_missing_from_the_table_is_refused() {
        let broken = broken("allmende-newcomer", "");
        assert!(broken[0].starts_with("shared/x/Cargo.toml: [unlisted-crate] allmende-newcomer"), "{broken:?}");
    }

    #[test]
    fn a_package_with_a_sole_user_is_refused_elsewhere() {
        for (package, user) in SOLE_USERS {
            let tables = format!("[dev-dependencies]\n{package} = \"1\"");
            assert_eq!(
                broken("xtask", &tables),
                [format!("shared/x/Cargo.toml: [sole-user] only {user} may name {package}")]
            );
        }
        assert!(broken("allmende-views", "[dependencies]\nfjall = \"3\"").is_empty());
    }
}
