use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use allmende_gateway_domain::SessionId;
use allmende_kernel::{SubjectId, Timestamp};
use allmende_runtime::authorize::{Denied, Grant};
use allmende_views::ViewHandle;
use lru::LruCache;
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::views::Standing;

/// People whose standing is remembered; further ones are looked up.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(20_000).unwrap();

/// What people may do, remembered until anything about anybody's standing changes.
///
/// A change is made in this order: it is durable, the view shows it, [`renew`](Self::renew) is called, the change is
/// answered. What was read before the view showed it carries an older number and is not used any more, so that no call
/// after the answer rests on it.
pub(crate) struct Standings {
    view: ViewHandle,
    ready: watch::Receiver<bool>,
    number: AtomicU64,
    remembered: Mutex<LruCache<(SubjectId, Option<SessionId>), Remembered>>,
}

#[derive(Clone)]
struct Remembered {
    number: u64,
    standing: Arc<Standing>,
    grants: Arc<[Grant]>,
}

impl Standings {
    /// `ready` is true while the view shows what was stored before the start.
    pub(crate) fn new(view: ViewHandle, ready: watch::Receiver<bool>) -> Self {
        let remembered = Mutex::new(LruCache::new(REMEMBERED));
        Self { view, ready, number: AtomicU64::new(0), remembered }
    }

    /// From now on, what was read before counts no more.
    pub(crate) fn renew(&self) {
        self.number.fetch_add(1, Ordering::SeqCst);
    }

    /// The grants of a person, if a token of theirs that was issued then still counts.
    pub(super) fn grants(
        &self,
        subject: SubjectId,
        session: Option<SessionId>,
        issued_at: Timestamp,
    ) -> Result<Arc<[Grant]>, Denied> {
        let Remembered { standing, grants, .. } = self.standing(subject, session)?;
        if standing.admits(issued_at) { Ok(grants) } else { Err(Denied::Unauthenticated) }
    }

    fn standing(&self, subject: SubjectId, session: Option<SessionId>) -> Result<Remembered, Denied> {
        let number = self.number.load(Ordering::SeqCst);
        if let Some(known) = self.remembered.lock().get(&(subject, session))
            && known.number == number
        {
            return Ok(known.clone());
        }
        if !*self.ready.borrow() {
            return Err(Denied::NotReady);
        }
        let read = self.view.snapshot().map_err(allmende_views::ViewError::from);
        let read = read.and_then(|tables| Standing::load(&tables, subject, session));
        let standing = Arc::new(read.map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "what a person may do cannot be read");
            Denied::NotReady
        })?);
        let grants = standing.grants.as_slice().into();
        let fresh = Remembered { number, standing, grants };
        self.remembered.lock().put((subject, session), fresh.clone());
        Ok(fresh)
    }
}
