use std::collections::HashSet;
use std::num::NonZeroUsize;
use std::sync::Arc;

use allmende_gateway_domain::SessionId;
use allmende_kernel::{Position, SubjectId, TenantId, Timestamp};
use allmende_runtime::authorize::{Denied, Grant};
use allmende_views::{ViewError, ViewHandle};
use lru::LruCache;
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use crate::views::Standing;

/// People whose standing is remembered; further ones are looked up.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(20_000).unwrap();

/// What people may do, remembered until anything about anybody's standing changes.
///
/// The view says in the same write what changed and that something did, and it is asked at each call that comes after
/// such a write. So a change counts from the moment that the view shows it, whoever made it and whether or not they
/// still wait for the answer; and an answer that waits for the view is followed by no call that rests on what was.
pub(crate) struct Standings {
    view: ViewHandle,
    ready: watch::Receiver<bool>,
    latest: Mutex<Latest>,
    remembered: Mutex<LruCache<(SubjectId, Option<SessionId>), Remembered>>,
    /// Tenants that are there. None ever goes, so only others are looked up.
    tenants: RwLock<HashSet<TenantId>>,
}

/// What the view said last.
#[derive(Clone, Copy)]
struct Latest {
    /// How far it was when it was asked.
    applied: Position,
    /// Where anything about anybody's standing changed last.
    changed: Position,
}

#[derive(Clone)]
struct Remembered {
    /// The last change that it knows of.
    changed: Position,
    standing: Arc<Standing>,
    grants: Arc<[Grant]>,
}

impl Standings {
    /// `ready` is true while the view shows what was stored before the start, and follows what is stored since.
    pub(crate) fn new(view: ViewHandle, ready: watch::Receiver<bool>) -> Self {
        let latest = Mutex::new(Latest { applied: Position::START, changed: Position::START });
        let remembered = Mutex::new(LruCache::new(REMEMBERED));
        Self { view, ready, latest, remembered, tenants: RwLock::default() }
    }

    /// The grants of a person, if a token of theirs that was issued then still counts.
    pub(super) fn grants(
        &self,
        subject: SubjectId,
        session: Option<SessionId>,
        issued_at: Timestamp,
    ) -> Result<Arc<[Grant]>, Denied> {
        // A view that stopped does not learn of what was taken back.
        if !*self.ready.borrow() {
            return Err(Denied::NotReady);
        }
        let read = self.standing(subject, session);
        let Remembered { standing, grants, .. } =
            read.map_err(|error| unreadable(&error, "what a person may do cannot be read"))?;
        if standing.admits(issued_at, session.is_some()) { Ok(grants) } else { Err(Denied::Unauthenticated) }
    }

    /// Whether a tenant is registered. It is from the answer to its registration on.
    pub(super) fn has_tenant(&self, tenant: &TenantId) -> Result<bool, Denied> {
        if self.tenants.read().contains(tenant) {
            return Ok(true);
        }
        let read = self.is_registered(tenant);
        let there = read.map_err(|error| unreadable(&error, "which tenants there are cannot be read"))?;
        if there {
            self.tenants.write().insert(tenant.clone());
        } else if !*self.ready.borrow() {
            return Err(Denied::NotReady);
        }
        Ok(there)
    }

    fn is_registered(&self, tenant: &TenantId) -> Result<bool, ViewError> {
        Standing::is_registered(&self.view.snapshot()?, tenant)
    }

    fn standing(&self, subject: SubjectId, session: Option<SessionId>) -> Result<Remembered, ViewError> {
        let changed = self.changed()?;
        if let Some(known) = self.remembered.lock().get(&(subject, session))
            && known.changed >= changed
        {
            return Ok(known.clone());
        }
        let tables = self.view.snapshot()?;
        let standing = Arc::new(Standing::load(&tables, subject, session)?);
        let grants = standing.grants.as_slice().into();
        let fresh = Remembered { changed: Standing::changed(&tables)?, standing, grants };
        self.remembered.lock().put((subject, session), fresh.clone());
        Ok(fresh)
    }

    fn changed(&self) -> Result<Position, ViewError> {
        let applied = self.view.applied();
        let mut latest = self.latest.lock();
        if latest.applied < applied {
            *latest = Latest { applied, changed: Standing::changed(&self.view.snapshot()?)? };
        }
        Ok(latest.changed)
    }
}

/// What is told of a view that cannot be read, as where an answer rests on one: it can be reached again, or it is broken.
fn unreadable(error: &ViewError, what: &'static str) -> Denied {
    tracing::error!(error = error as &dyn std::error::Error, what, "nobody can be let in");
    match error {
        ViewError::Storage(_) | ViewError::Log(_) => Denied::Unavailable,
        ViewError::Event { .. } | ViewError::Row(_) => Denied::Failed,
    }
}

#[cfg(test)]
mod tests {
    use allmende_views::{StorageError, Table};

    use super::*;

    #[test]
    fn a_view_that_cannot_be_read_is_not_taken_for_one_that_is_starting() {
        let told = |error: ViewError| unreadable(&error, "tenants");
        assert_eq!(told(StorageError::Interrupted.into()), Denied::Unavailable);
        assert_eq!(told(ViewError::Row(Table::new(7))), Denied::Failed);
        assert_eq!(told(ViewError::Event { event_type: String::new() }), Denied::Failed);
    }
}
