//! What lies in a data folder beside the logs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context as _;

/// What is known by name, and what to do with it. Nothing where it is of this folder alone.
const KNOWN: [(&str, &str); 14] = [
    ("LOCK", ""),
    ("log", ""),
    (
        "installation.key",
        "copy it to every member's folder before the first start: with another one nobody signs in, and repeated \
         requests are taken for others",
    ),
    (
        "keyring",
        "copy it to every member's folder: without these keys nothing can be read of what people wrote; the master key \
         in it belongs into the members' secrets",
    ),
    ("erased", "copy it to every member's folder: who is on this list stays forgotten"),
    ("tokens", "copy it to every member's folder, or everybody signs in again"),
    ("operator.token", "copy it to every member's folder, or whoever uses it takes the new one"),
    ("attachments", "copy it to where the members keep files: contributions name these"),
    ("datasets", "copy it to where the members keep files: versions of datasets name these"),
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
        for name in ["log", "keyring", "letters"] {
            fs::create_dir(data.path().join(name)).unwrap();
        }
        fs::write(data.path().join("installation.key"), [7; 32]).unwrap();
        let found = all(data.path()).unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), ["installation.key", "keyring", "letters"]);
        assert!(found["letters"].starts_with("not the platform's"));
    }
}
