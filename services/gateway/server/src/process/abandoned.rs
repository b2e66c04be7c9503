use std::sync::Arc;
use std::time::Duration;

use crate::app::App;
use crate::error::Error;

/// Accounts forgotten in one go.
const AT_ONCE: usize = 16;
/// How often it is looked whose time is over.
const EVERY: Duration = Duration::from_secs(600);
/// How long is waited after something failed.
const AFTER_FAILURE: Duration = Duration::from_secs(30);

/// Forgets accounts whose address nobody has confirmed, and erases the keys of all that were given up. Nothing is noted
/// of a key: all of them are looked at again after a start, and one that is gone already costs nothing.
pub(crate) async fn forget_abandoned(app: Arc<App>) {
    let mut progress = app.queries.view().progress();
    let mut erased = None;
    loop {
        progress.borrow_and_update();
        match forget(&app, &mut erased).await {
            // With a page that was full there may be more.
            Ok(true) => {}
            Ok(false) => tokio::select! {
                () = tokio::time::sleep(EVERY) => {}
                changed = progress.changed() => if changed.is_err() {
                    return;
                },
            },
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "abandoned accounts cannot be forgotten");
                tokio::time::sleep(AFTER_FAILURE).await;
            }
        }
    }
}

/// Forgets some; tells whether there may be more. `erased` is how far keys have been looked at.
async fn forget(app: &App, erased: &mut Option<Vec<u8>>) -> Result<bool, Error> {
    let now = app.now();
    let over = app.look_up(move |reader| Ok(reader.unconfirmed_until(now, AT_ONCE)?)).await?;
    for (home, subject) in &over {
        app.expire(home, *subject).await?;
    }
    let after = erased.clone();
    let keys = app.look_up(move |reader| Ok(reader.abandoned(after.as_deref(), AT_ONCE)?)).await?;
    for (key, home, subject) in &keys {
        app.erase_person_key(home, *subject).await?;
        *erased = Some(key.clone());
    }
    Ok(over.len() == AT_ONCE || keys.len() == AT_ONCE)
}
