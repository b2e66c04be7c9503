//! Who may call what, of everything that the process serves: one table for rpcs and routes.

use std::fmt::Write as _;

use allmende_runtime::authorize::{Entry, Role, Rule, Table};

/// The services' lists.
const SERVICES: &[&[Entry]] = &[
    allmende_gateway::AUTHORIZATION,
    allmende_telemetry::AUTHORIZATION,
    allmende_participation::AUTHORIZATION,
    allmende_opendata::AUTHORIZATION,
    allmende_reporting::AUTHORIZATION,
    allmende_portal::AUTHORIZATION,
];

/// The table.
pub fn table() -> Table {
    Table::new(SERVICES)
}

/// The table as a page of the documentation.
pub fn page() -> String {
    let mut page = String::from(
        "# Who may do what\n\n\
         Made from the tables that the servers check every call against; a test keeps it fresh. A role is granted for a\n\
         tenant, or for one procedure of it, and counts there alone; a platform operator is one for all tenants.\n\
         *Everybody* needs no token. *Signed in* is for every account, and shows and changes what is its own.\n",
    );
    let mut heading = String::new();
    for (path, rule) in table().entries() {
        let (group, name) = match path.strip_prefix('/').and_then(|path| path.rsplit_once('/')) {
            Some((service, rpc)) => (format!("`{service}`"), rpc),
            None => ("HTTP".to_owned(), path),
        };
        if group != heading {
            let _ = write!(page, "\n## {group}\n\n| call | who |\n|---|---|\n");
            heading = group;
        }
        let _ = writeln!(page, "| `{name}` | {} |", who(rule));
    }
    page
}

fn who(rule: Rule) -> String {
    match rule {
        Rule::Visitor => "everybody".to_owned(),
        Rule::SignedIn => "signed in".to_owned(),
        Rule::AnyOf(roles) => {
            let roles = Role::ALL.iter().filter(|role| roles.contains(role)).map(|role| role.as_str());
            roles.collect::<Vec<_>>().join(", ")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use allmende_runtime::authorize::assert_covers;

    use super::*;

    #[test]
    fn every_rpc_has_a_rule() {
        assert_covers(&table(), allmende_proto::FILE_DESCRIPTOR_SET);
    }

    /// `UPDATE_DOCS=1` writes it anew.
    #[test]
    fn the_page_is_fresh() {
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("authorization.md");
        if std::env::var_os("UPDATE_DOCS").is_some_and(|value| value == "1") {
            std::fs::write(&file, page()).unwrap();
        }
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(kept, page(), "authorization.md is not what the tables say: UPDATE_DOCS=1 writes it anew");
    }
}
