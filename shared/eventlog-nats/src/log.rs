use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::{self, JoinHandle};

use allmende_eventlog::{AppendError, EventLog, NewCommit, Origin, ReadError, Reading, Replica, Submitted};
use allmende_kernel::{Clock, Revision, StreamName, Timestamp};
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::cluster::{Members, Standing};
use crate::driver::Driver;
use crate::leader::Leader;
use crate::machine::Machine;
use crate::options::Options;
use crate::rules::Rules;
use crate::shared::{Role, Shared};
use crate::stream::GroupStream;

/// One member's log of a replicated partition.
///
/// Reads are of its replica, wherever the leader is. Appends are taken while it leads; otherwise they are refused with
/// [`AppendError::NotLeading`], and nothing of them is stored.
pub struct NatsLog {
    shared: Arc<Shared>,
    wanted: watch::Sender<bool>,
    stop: watch::Sender<bool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// Who lives, and of which service this member is one.
#[derive(Clone)]
pub struct Company {
    /// Where members are announced.
    pub members: Arc<dyn Members>,
    /// The service.
    pub service: String,
}

impl NatsLog {
    /// Begins to apply the stream to `replica`; leads nothing yet. Without `company` nobody else has a replica.
    ///
    /// Must be called within a Tokio runtime. The work is done by a thread of its own, which blocks on the replica's disk.
    pub fn start(
        replica: Arc<dyn Replica>,
        stream: Arc<dyn GroupStream>,
        company: Option<Company>,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> io::Result<Self> {
        let shared = Shared::new(replica, clock, Rules::default());
        let (wanted, stop) = (watch::Sender::new(false), watch::Sender::new(false));
        // The standard library's hasher keys are random.
        let random = Box::new(|| RandomState::new().build_hasher().finish());
        let publish_within = options.timing.publish;
        let machine = Machine::new(Arc::clone(&shared), options, Rules::default(), stream.message_bytes(), random);
        let driver = Driver::new(machine, stream, company, Arc::clone(&shared), publish_within);
        let (wants, stops, runtime) = (wanted.subscribe(), stop.subscribe(), Handle::current());
        let thread = thread::Builder::new().name("log-member".into()).spawn(move || {
            runtime.block_on(driver.run(wants, stops));
        })?;
        Ok(Self { shared, wanted, stop, thread: Mutex::new(Some(thread)) })
    }

    /// The log alone, for whoever moves its machine.
    #[cfg(test)]
    pub(crate) fn over(shared: Arc<Shared>) -> Self {
        Self { shared, wanted: watch::Sender::new(false), stop: watch::Sender::new(false), thread: Mutex::new(None) }
    }

    /// Whether this member is to lead: it tries as long as that is so, and gives leadership up afterwards, once what was
    /// admitted before is answered.
    pub fn want_to_lead(&self, wanted: bool) {
        self.wanted.send_if_modified(|before| std::mem::replace(before, wanted) != wanted);
    }

    /// What was said last.
    #[cfg(test)]
    pub(crate) fn wanted(&self) -> watch::Receiver<bool> {
        self.wanted.subscribe()
    }

    /// Tells who leads: where commands are sent on to while another member does.
    pub fn set_leader(&self, leader: Option<Leader>) {
        self.shared.leader.send_if_modified(|before| {
            let changed = *before != leader;
            *before = leader;
            changed
        });
    }

    /// Where commands are taken, as far as is known: another member's address or, while it is about to lead, this one's.
    pub fn leader(&self) -> Option<Arc<str>> {
        self.shared.leader.borrow().as_ref().and_then(|leader| leader.address.clone())
    }

    /// Who leads, as far as is known, as it changes. Whether it is this member, and does lead, [`role`](Self::role) tells.
    pub fn who_leads(&self) -> watch::Receiver<Option<Leader>> {
        self.shared.leader.subscribe()
    }

    /// What the member does, as it changes.
    pub fn role(&self) -> watch::Receiver<Role> {
        self.shared.role.subscribe()
    }

    /// What the replica is good for, as it changes. Who is not able to lead takes no lease, and gives up the one it has.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.shared.standing.subscribe()
    }

    /// How often another member's head was passed over when heads were compared: its history is not the stream's, or it
    /// could not be told whose is. Each is logged, too.
    pub fn passed_over(&self) -> u64 {
        self.shared.passed_over.load(Ordering::Relaxed)
    }

    /// The replica.
    pub fn replica(&self) -> &Arc<dyn Replica> {
        &self.shared.replica
    }

    /// True as soon as it is closed.
    pub(crate) fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// Stops reading and publishing; who waits is told that the outcome is unknown. Blocks until the thread has ended.
    pub fn close(&self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.lock().take() {
            // A thread that panicked has let go of the term.
            let _ = thread.join();
        }
        self.shared.close();
    }
}

impl Drop for NatsLog {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.shared.close();
    }
}

impl EventLog for NatsLog {
    fn reading(&self) -> &dyn Reading {
        self.shared.replica.as_ref()
    }

    fn now(&self) -> Timestamp {
        self.shared.term().now()
    }

    fn submit(&self, commit: NewCommit) -> Result<Submitted, AppendError> {
        self.shared.term().submit(commit)
    }

    fn recall(&self, origin: &Origin, now: Timestamp) -> Result<Option<Submitted>, AppendError> {
        self.shared.term().recall(origin, now)
    }

    fn settle(&self) -> Submitted {
        self.shared.term().settle()
    }

    fn in_term(&self) -> Option<Arc<dyn EventLog>> {
        Some(self.shared.term())
    }

    fn term(&self) -> u64 {
        self.shared.term().term()
    }

    fn admitted_revision(&self, stream: &StreamName) -> Result<Revision, ReadError> {
        self.shared.term().admitted_revision(stream)
    }
}
