//! A replicated partition on one member: its replica, its part in who leads, and what it tells the others.

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::Arc;

use allmende_eventlog::EventLog;
use allmende_eventlog_nats::stream::GroupStream;
use allmende_eventlog_nats::{Announcing, Company, Halt, LargeGroups, Leadership, NatsLog, Options, Role, Stay};
use allmende_eventlog_sled::{Options as ReplicaOptions, SledReplica};
use allmende_instrumentation::{Attribute, Metric, Metrics};
use allmende_kernel::{Clock, PartitionName};
use allmende_nats::{LogStream, StreamBodies};
use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use crate::cluster::Cluster;
use crate::host::CloseError;
use crate::wiring::StartError;

/// One partition of a member.
pub(crate) struct Member {
    log: Arc<NatsLog>,
    replica: Arc<SledReplica>,
    leads: watch::Receiver<bool>,
    caught_up: watch::Receiver<bool>,
    hears: watch::Receiver<bool>,
    /// Whether the partition is closed here, whatever the process does.
    closing: watch::Sender<bool>,
    stay: watch::Sender<Stay>,
    leading: JoinHandle<()>,
    announcing: JoinHandle<()>,
    telling: Vec<JoinHandle<()>>,
}

/// What a member does with its partition's state, for those who watch over it.
pub(crate) struct Watched {
    pub(crate) metrics: Metrics,
    /// Turns false when the member applies nothing more.
    pub(crate) writable: watch::Sender<bool>,
}

impl Member {
    /// Opens the replica in `folder`, follows the stream, and tries to lead when its turn comes.
    pub(crate) async fn open(
        cluster: &Cluster,
        folder: &Path,
        partition: &PartitionName,
        clock: Arc<dyn Clock>,
        options: ReplicaOptions,
        watched: Watched,
    ) -> Result<Self, StartError> {
        let service = partition.service().to_owned();
        let (at, of) = (folder.to_owned(), partition.clone());
        let opening = tokio::task::spawn_blocking(move || SledReplica::open(&at, of, options));
        let replica = opening.await.map_err(|_| StartError::Interrupted)?.map_err(StartError::Log)?;
        let replica = Arc::new(replica);
        let stream =
            LogStream::open(&cluster.connection, partition, cluster.replicas).await.map_err(StartError::Stream)?;
        let bodies =
            StreamBodies::open(&cluster.connection, &service, cluster.replicas).await.map_err(StartError::Stream)?;
        let stream: Arc<dyn GroupStream> = Arc::new(LargeGroups::new(Arc::new(stream), Arc::new(bodies)));
        // As far as a reader of now has to be: what is stored later is nobody's past.
        let present = stream.last_hint().await.map_err(StartError::Stream)?;

        let company = Company { members: Arc::clone(&cluster.members), service };
        let options = Options { event_types: Some(cluster.event_types.clone()), ..Options::of(&cluster.member) };
        let log = NatsLog::start(Arc::clone(&replica) as _, stream, Some(company.clone()), clock, options);
        let log = Arc::new(log.map_err(StartError::Thread)?);
        let (closing, stay) = (watch::Sender::new(false), watch::Sender::new(Stay::Staying));
        let announcing = Announcing {
            company: company.clone(),
            member: cluster.member.clone(),
            address: cluster.address.clone(),
            logs: vec![Arc::clone(&log)],
            event_types: cluster.event_types.clone(),
        };
        let leadership =
            Leadership::new(Arc::clone(&log), Arc::clone(&cluster.leases), company.clone(), &cluster.member);
        let leave = either(closing.subscribe(), cluster.leaving());
        let (set_leads, leads) = watch::channel(false);
        let (set_caught_up, caught_up) = watch::channel(false);
        let (set_hears, hears) = watch::channel(true);
        let writable = watched.writable.clone();
        let telling = vec![
            tokio::spawn(leave_with(cluster.leaving(), stay.clone())),
            tokio::spawn(tell_role(partition.clone(), log.role(), watched, set_leads)),
            tokio::spawn(tell_reached(log.head(), present, set_caught_up)),
            tokio::spawn(tell_hearing(company, set_hears)),
        ];
        Ok(Self {
            leading: tokio::spawn(needed("leadership", leadership.run(leave), writable.clone())),
            announcing: tokio::spawn(needed("announcing", announcing.run(stay.subscribe()), writable)),
            log,
            replica,
            leads,
            caught_up,
            hears,
            closing,
            stay,
            telling,
        })
    }

    pub(crate) fn log(&self) -> Arc<dyn EventLog> {
        Arc::clone(&self.log) as _
    }

    pub(crate) fn shared(&self) -> Arc<NatsLog> {
        Arc::clone(&self.log)
    }

    pub(crate) fn leads(&self) -> watch::Receiver<bool> {
        self.leads.clone()
    }

    pub(crate) fn caught_up(&self) -> watch::Receiver<bool> {
        self.caught_up.clone()
    }

    pub(crate) fn hears(&self) -> watch::Receiver<bool> {
        self.hears.clone()
    }

    /// Hands over what is led, tells the others, and stops.
    pub(crate) async fn close(self) -> Result<(), CloseError> {
        self.closing.send_replace(true);
        // However these ended, which was said then, log and replica are to be closed.
        let _ = self.leading.await;
        self.stay.send_replace(Stay::Gone);
        let _ = self.announcing.await;
        let (log, replica) = (self.log, self.replica);
        let closing = tokio::task::spawn_blocking(move || {
            log.close();
            replica.close()
        });
        let closed = closing.await.map_err(|_| CloseError::Interrupted)?.map_err(CloseError::Log);
        self.telling.iter().for_each(JoinHandle::abort);
        closed
    }
}

/// A member that does not do this any more is not ready, until it is started again.
async fn needed(what: &'static str, work: impl Future<Output = ()>, writable: watch::Sender<bool>) {
    // The panic's own words are in the operator's log already.
    if AssertUnwindSafe(work).catch_unwind().await.is_err() {
        tracing::error!(what, "a task of the member broke off and does not run again before the next start");
        writable.send_replace(false);
    }
}

/// True as soon as one of them is; also when whoever could say so has gone.
fn either(mut one: watch::Receiver<bool>, mut other: watch::Receiver<bool>) -> watch::Receiver<bool> {
    let (set, told) = watch::channel(false);
    tokio::spawn(async move {
        tokio::select! {
            _ = one.wait_for(|one| *one) => {}
            _ = other.wait_for(|other| *other) => {}
        }
        set.send_replace(true);
    });
    told
}

/// Tells that the member is on its way out as soon as it is.
async fn leave_with(mut leaving: watch::Receiver<bool>, stay: watch::Sender<Stay>) {
    if leaving.wait_for(|leaving| *leaving).await.is_ok() {
        stay.send_if_modified(|stay| {
            let stays = *stay == Stay::Staying;
            if stays {
                *stay = Stay::Leaving;
            }
            stays
        });
    }
}

async fn tell_reached(mut head: watch::Receiver<allmende_eventlog::Head>, group: u64, reached: watch::Sender<bool>) {
    if head.wait_for(|head| head.group >= group).await.is_ok() {
        reached.send_replace(true);
        reached.closed().await;
    }
}

/// Tells whether the member hears of the others, itself among them: one that has not for twice as long as an announcement
/// counts knows nothing of what was stored, or taken back, since.
async fn tell_hearing(company: Company, hears: watch::Sender<bool>) {
    let lasts = company.members.lasts();
    let mut heard_at = Instant::now();
    loop {
        if company.members.live(&company.service).await.is_ok() {
            heard_at = Instant::now();
        }
        let hears_now = heard_at.elapsed() <= lasts * 2;
        let changed = hears.send_if_modified(|told| std::mem::replace(told, hears_now) != hears_now);
        match (changed, hears_now) {
            (true, false) => tracing::error!(service = %company.service, "is cut off from the cluster"),
            (true, true) => tracing::info!(service = %company.service, "is back in the cluster"),
            (false, _) => {}
        }
        sleep(lasts / 4).await;
    }
}

/// Says what the member does for its partition, and counts it.
async fn tell_role(
    partition: PartitionName,
    mut role: watch::Receiver<Role>,
    watched: Watched,
    leads: watch::Sender<bool>,
) {
    let of = [Attribute::Partition(&partition)];
    loop {
        let now = role.borrow_and_update().clone();
        let leader = matches!(now, Role::Leader { .. });
        leads.send_if_modified(|told| std::mem::replace(told, leader) != leader);
        watched.metrics.set(Metric::LogLeading, leader.into(), &of);
        match &now {
            Role::Follower => tracing::info!(%partition, "follows"),
            Role::Leader { epoch } => tracing::info!(%partition, epoch, "leads"),
            Role::HeldUp { by, group } => {
                tracing::warn!(%partition, %by, group, "does not lead: another member has a group that has not come here");
            }
            Role::Halted(halt) => {
                tracing::error!(%partition, error = halt as &dyn std::error::Error, remedy = remedy(halt),
                    "applies nothing more until somebody has looked into it");
                watched.writable.send_replace(false);
            }
        }
        if role.changed().await.is_err() {
            // Dropped, it would look as if nobody could tell any more.
            leads.send_replace(false);
            leads.closed().await;
            return;
        }
    }
}

/// What an operator does about it.
fn remedy(halt: &Halt) -> &'static str {
    match halt {
        Halt::Ahead { .. } => {
            "the stream lost its end: stop this member and publish it again from its folder with `allmende log migrate`"
        }
        Halt::Diverged(_) | Halt::DiffersFrom { .. } => {
            "compare the members' logs with `allmende log verify`; a member that is wrong is emptied and fills itself again"
        }
        Halt::Missing(_) => {
            "the stream has lost messages: restore it, or publish them again from a member that has them"
        }
        Halt::DamagedBody { .. } => {
            "stop this member and put in place of its log that of a member that has the group, with `allmende log backup` \
             and `allmende log restore`; find out who may publish to the bodies with `allmende doctor`"
        }
        Halt::BrokeOff => "start the member again, and send what it logged to those who make it",
        Halt::Unfit(_) => "set the stream up as `allmende doctor` says",
        Halt::LaterVersion(_) => "start this member with the version that the others have, or a later one",
        Halt::Unreadable(_) => {
            "look after the disk, then start the member again; one that is damaged is emptied and fills itself again"
        }
        Halt::Replica(_) => "look after the disk, then start the member again",
    }
}
