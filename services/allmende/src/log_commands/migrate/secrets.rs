//! Secrets that the installation made itself: the operator's token, and the keys that sign sessions.

use std::path::Path;

use allmende_runtime::secrets::{FolderSecrets, Secrets};
use anyhow::ensure;

use crate::{data_folder, terminal};

const SIGNING_KEYS: &str = "tokens";

/// Has the members take them. One that they made before stays theirs.
pub(super) fn carry(data: &Path, to: &dyn Secrets) -> anyhow::Result<()> {
    let from = FolderSecrets::new(data);
    let signing = from.names(SIGNING_KEYS)?.into_iter().filter(|name| name.ends_with(".key"));
    let mut names = vec![data_folder::TOKEN_FILE.to_owned()];
    names.extend(signing.map(|name| format!("{SIGNING_KEYS}/{name}")));
    let (mut new, mut there, mut theirs) = (0, 0, 0);
    for name in names {
        let Some(secret) = from.get(&name)? else { continue };
        match to.get(&name)? {
            Some(standing) if standing == secret => there += 1,
            Some(_) => theirs += 1,
            None => {
                to.create(&name, secret.clone())?;
                ensure!(
                    to.get(&name)? == Some(secret),
                    "what was written is not what is read: is another one running?"
                );
                new += 1;
            }
        }
    }
    terminal::line(&format!("secrets: {new} taken over, {there} were there; read back and checked"));
    if theirs > 0 {
        terminal::line(&format!(
            "secrets: {theirs} that the members made themselves stay: who has the folder's takes theirs"
        ));
    }
    Ok(())
}
