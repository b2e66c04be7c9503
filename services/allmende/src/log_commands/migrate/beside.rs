//! What lies in a data folder beside the logs, and is left to be done by hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// What is known by name, and what to do with it. Nothing where it is of this folder alone, or was taken over.
const KNOWN: [(&str, &str); 16] = [
    ("LOCK", ""),
    ("log", ""),
    ("cache", ""),
    ("migrating", ""),
    (
        "installation.key",
        "give it to every member as a file (installation_key_file): it opens what they share, and no server has it",
    ),
    ("keyring", "remove it, and older copies of it, once the members run: what they erase is not erased in it"),
    ("erased", ""),
    ("tokens", ""),
    ("operator.token", ""),
    ("attachments", "remove it once the members run: they have these, and what they erase stays in it"),
    ("datasets", "remove it once the members run: they have these"),
    ("views", "leave it: every member makes its own of the logs"),
    ("search", "leave it: every member makes its own of the logs"),
    ("demo.password", "of a demo's users: leave it"),
    ("demo-mail", "mails that a demo has written: leave it"),
    ("jwks.json", "keys of an issuer outside: the settings name where it is to be"),
];

/// Names in the folder, each with what to do with it.
pub(super) fn all(data: &Path) -> anyhow::Result<BTreeMap<String, &'static str>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(data).with_context(|| data.display().to_string())? {
        let name = entry.with_context(|| data.display().to_string())?.file_name().to_string_lossy().into_owned();
        let known = KNOWN.iter().find(|(known, _)| *known == name);
        let what = known.map_or("not the platform's, or of a later version: look what it is", |(_, what)| what);
        if !what.is_empty() {
            found.insert(name, what);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_there_is_named_and_nothing_else() {
        let data = tempfile::tempdir().unwrap();
        for name in ["log", "keyring", "tokens", "letters"] {
            fs::create_dir(data.path().join(name)).unwrap();
        }
        fs::write(data.path().join("installation.key"), [7; 32]).unwrap();
        let found = all(data.path()).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["installation.key", "keyring", "letters"]);
        assert!(found["letters"].starts_with("not the platform's"));
    }
}
