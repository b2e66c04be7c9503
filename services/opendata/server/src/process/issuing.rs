use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::{Position, Timestamp};
use tokio::time::Instant;

use super::due::{self, Due};
use super::{AFTER_FAILURE, AT_ONCE, TURN, before};
use crate::app::{App, Followed, Reached, blocking, dataset_id};
use crate::error::Error;
use crate::sources::{After, Changed};
use crate::views::VersionRow;

/// How often it looks at a source of which much changes all the time and little is due: each look reads every dataset that
/// waits.
const EVERY_OF_MANY: Duration = Duration::from_secs(2);

/// How far a source's datasets are issued.
#[derive(Default)]
pub(super) struct Issuing {
    /// Changes up to here are issued; those behind it may not be due yet.
    issued: Position,
    /// What was there when it looked last.
    looked_at: Position,
    awaited: Position,
    /// When something that was not due yet is to be looked at again.
    again_at: Option<Timestamp>,
    not_before: Option<Instant>,
    under_way: Option<Look>,
}

/// A look at every dataset that has changed, in as many turns as it takes.
struct Look {
    /// What was there when it began.
    head: Position,
    awaited: Position,
    after: After,
    /// The first change that is not issued.
    waiting: Option<Position>,
    again_at: Option<Timestamp>,
}

impl Issuing {
    /// Goes on for a turn, and says whether there is more. What is issued is made of a source whose retractions are
    /// carried out up to `retracted`: further than there nobody is told that it has come.
    pub(super) async fn turn(&mut self, app: &App, followed: &Followed, retracted: Position) -> Result<bool, Error> {
        let Some(mut look) = self.under_way.take().or_else(|| self.begin(app, followed, retracted)) else {
            return Ok(false);
        };
        let until = Instant::now() + TURN;
        loop {
            let (source, after) = (Arc::clone(&followed.source), look.after.clone());
            let changed = blocking(move || Ok(source.changed(&after, AT_ONCE)?)).await?;
            if changed.is_empty() {
                self.end(look, followed);
                return Ok(false);
            }
            for changed in changed {
                look.at(app, followed, &changed).await?;
                look.after = After::Dataset(changed);
                if Instant::now() >= until {
                    self.under_way = Some(look);
                    return Ok(true);
                }
            }
        }
    }

    /// Begins to look, if there may be something to see.
    fn begin(&mut self, app: &App, followed: &Followed, head: Position) -> Option<Look> {
        let awaited = *followed.awaited.borrow();
        let again = self.again_at.is_some_and(|at| at <= app.clock.now());
        let nothing_new = head == self.looked_at && awaited == self.awaited && !again;
        if nothing_new || self.not_before.is_some_and(|not_before| Instant::now() < not_before) {
            return None;
        }
        if !followed.source.is_issued_on_demand() {
            self.not_before = Some(Instant::now() + EVERY_OF_MANY);
        }
        Some(Look { head, awaited, after: After::Position(self.issued), waiting: None, again_at: None })
    }

    fn end(&mut self, look: Look, followed: &Followed) {
        // What came while it looked was seen, but its retractions are not carried out yet.
        let issued = look.waiting.map_or(look.head, |waiting| before(waiting).min(look.head));
        self.issued = issued.max(self.issued);
        (self.looked_at, self.awaited, self.again_at) = (look.head, look.awaited, look.again_at);
        followed.reached.send_replace(Reached { looked_at: look.head, issued: self.issued });
    }
}

impl Look {
    /// Issues a dataset that is due, and notes one that is not.
    async fn at(&mut self, app: &App, followed: &Followed, changed: &Changed) -> Result<(), Error> {
        let now = app.clock.now();
        let last = last_version(app, changed).await?;
        let awaited = *followed.awaited.borrow();
        let again_at = match due::due(changed, last.as_ref(), now, awaited, &app.config) {
            Due::Issued => return Ok(()),
            Due::At(at) => at,
            Due::Now => match app.issue_by_itself(&followed.source, &changed.tenant, changed.source).await {
                Ok(()) => return Ok(()),
                // One dataset that cannot be made holds up none of the others.
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        tenant = %changed.tenant,
                        dataset = changed.source.dataset_name(),
                        "a dataset could not be issued and is tried again"
                    );
                    now + AFTER_FAILURE
                }
            },
        };
        self.waiting.get_or_insert(changed.position);
        self.again_at = Some(self.again_at.map_or(again_at, |earliest| earliest.min(again_at)));
        Ok(())
    }
}

async fn last_version(app: &App, changed: &Changed) -> Result<Option<VersionRow>, Error> {
    let Some(id) = dataset_id(&changed.tenant, changed.source) else { return Ok(None) };
    let tenant = changed.tenant.clone();
    app.read_now(move |reader| match reader.dataset(&tenant, id)? {
        Some(dataset) => Ok(reader.version(&tenant, id, dataset.versions)?),
        None => Ok(None),
    })
    .await
}
