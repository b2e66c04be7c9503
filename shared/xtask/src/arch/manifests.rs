//! Lints that every crate takes from the workspace.

use super::Violation;
use crate::workspace::{Member, RootManifest};
use std::path::PathBuf;

pub(super) fn unsafe_code_allowed(root: &RootManifest) -> Option<Violation> {
    let violation = || Violation {
        file: PathBuf::from("Cargo.toml"),
        rule: "unsafe-code",
        detail: "[workspace.lints.rust] must have unsafe_code = \"forbid\"".to_owned(),
    };
    (!root.forbids_unsafe_code()).then(violation)
}

pub(super) fn lints_not_inherited(member: &Member) -> Option<Violation> {
    let violation = || Violation {
        file: member.manifest(),
        rule: "lints",
        detail: "needs `[lints]` with `workspace = true`".to_owned(),
    };
    (!member.inherits_lints).then(violation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(lints: &str) -> RootManifest {
        RootManifest::parse(&format!("[workspace]\nmembers = []\n{lints}")).unwrap()
    }

    #[test]
    fn anything_short_of_forbid_is_refused() {
        assert_eq!(unsafe_code_allowed(&root("[workspace.lints.rust]\nunsafe_code = \"forbid\"")), None);
        assert_eq!(unsafe_code_allowed(&root("[workspace.lints.rust]\nunsafe_code = { level = \"forbid\" }")), None);
        for lints in ["", "[workspace.lints.rust]\nunsafe_code = \"deny\""] {
            assert_eq!(unsafe_code_allowed(&root(lints)).unwrap().rule, "unsafe-code");
        }
    }

    #[test]
    fn a_crate_with_its_own_lints_is_refused() {
        let member = |lints: &str| {
            let manifest = format!("[package]\nname = \"allmende-kernel\"\n{lints}");
            Member::parse("shared/kernel", &manifest, &root("")).unwrap()
        };
        assert_eq!(lints_not_inherited(&member("[lints]\nworkspace = true")), None);
        for lints in ["", "[lints.rust]\nunsafe_code = \"allow\""] {
            assert_eq!(lints_not_inherited(&member(lints)).unwrap().rule, "lints");
        }
    }
}
