use allmende_kernel::{Position, TenantId};
use allmende_opendata_domain::{DatasetId, Source};
use tokio::time::Instant;
use uuid::Uuid;

use super::{AFTER_FAILURE, AT_ONCE, TURN, before, in_real_time};
use crate::app::App;
use crate::error::Error;

/// Drafts waited for a licence that somebody has declared since: those of the station that it is of.
#[derive(Default)]
pub(super) struct Drafts {
    /// Drafts of stations whose licence was declared up to here were tried.
    tried: Position,
    /// The last draft that was tried of the station declared next.
    within: Option<DatasetId>,
    /// The group of this service's log up to which declarations were looked for.
    looked_at: u64,
    /// Right before the first declaration of which a draft could not be issued, and when it is tried again.
    failed: Option<(Position, Instant)>,
}

impl Drafts {
    /// Goes on for a turn, and says whether there is more.
    pub(super) async fn turn(&mut self, app: &App) -> Result<bool, Error> {
        if let Some((from, _)) = self.failed.take_if(|(_, at)| *at <= Instant::now()) {
            (self.tried, self.within, self.looked_at) = (self.tried.min(from), None, 0);
        }
        let head = app.commands.log().head().borrow().group;
        if head == self.looked_at {
            return Ok(false);
        }
        let until = Instant::now() + TURN;
        loop {
            let after = self.tried;
            let declared = app.read_now(move |reader| Ok(reader.declared(after, AT_ONCE)?)).await?;
            if declared.is_empty() {
                self.looked_at = head;
                return Ok(false);
            }
            for (position, tenant, station) in declared {
                if !self.of_station(app, position, (&tenant, station), until).await? {
                    return Ok(true);
                }
                (self.tried, self.within) = (position, None);
            }
        }
    }

    /// Whether all drafts of a station were tried.
    async fn of_station(
        &mut self,
        app: &App,
        declared: Position,
        (tenant, station): (&TenantId, Uuid),
        until: Instant,
    ) -> Result<bool, Error> {
        loop {
            let (of, within) = (tenant.clone(), self.within);
            let drafts = app.read_now(move |reader| Ok(reader.drafts(&of, station, within, AT_ONCE)?)).await?;
            if drafts.is_empty() {
                return Ok(true);
            }
            for id in drafts {
                // One that cannot be made holds up none of the others.
                if let Err(error) = issue(app, tenant, id).await {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, %tenant, dataset = %id, "a draft could not be issued and is tried again");
                    let (from, at) = (before(declared), Instant::now() + in_real_time(AFTER_FAILURE));
                    self.failed = Some(self.failed.map_or((from, at), |(first, at)| (first.min(from), at)));
                }
                self.within = Some(id);
                if Instant::now() >= until {
                    return Ok(false);
                }
            }
        }
    }
}

async fn issue(app: &App, tenant: &TenantId, id: DatasetId) -> Result<(), Error> {
    let of = tenant.clone();
    let row = app.read_now(move |reader| Ok(reader.dataset(&of, id)?)).await?;
    let source = row.map_or(Source::Manual, |row| row.source);
    match app.source_of(source) {
        Some(followed) => app.issue_by_itself(&followed.source, tenant, source).await,
        None => Ok(()),
    }
}
