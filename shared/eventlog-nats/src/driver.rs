//! Does what the machine says, one thing of a kind at a time, and tells it what came of it.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use crate::cluster::{Announcement, Unavailable};
use crate::halt::Halt;
use crate::log::Company;
use crate::machine::{Effect, Input, Machine};
use crate::shared::{Role, Shared};
use crate::stream::{Follower, GroupStream, Message, Published, Publisher, StreamError};

type Job<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(crate) struct Driver {
    machine: Machine,
    stream: Arc<dyn GroupStream>,
    company: Option<Company>,
    shared: Arc<Shared>,
    publish_within: Duration,
    follower: Option<Box<dyn Follower>>,
    /// Not there while it publishes.
    publisher: Option<Box<dyn Publisher>>,
    jobs: Jobs,
}

/// Number of the connection, and what came of it.
type Connected = (u64, Result<Box<dyn Publisher>, StreamError>);

/// A publish that came to an end, and the publisher for the next one.
struct Sent {
    link: u64,
    attempt: u64,
    publisher: Box<dyn Publisher>,
    outcome: Published,
}

#[derive(Default)]
struct Jobs {
    follow: Option<Job<Result<Box<dyn Follower>, StreamError>>>,
    connect: Option<Job<Connected>>,
    publish: Option<Job<Sent>>,
    members: Option<Job<Result<Vec<Announcement>, Unavailable>>>,
    hint: Option<Job<Result<u64, StreamError>>>,
    look: Option<Job<Result<Message, StreamError>>>,
}

/// What is read before it is made durable together.
const BATCH_MESSAGES: usize = 256;
const BATCH_BYTES: usize = 4 << 20;
/// For one message that is read by itself.
const LOOK_WITHIN: Duration = Duration::from_secs(10);

impl Driver {
    pub(crate) fn new(
        machine: Machine,
        stream: Arc<dyn GroupStream>,
        company: Option<Company>,
        shared: Arc<Shared>,
        publish_within: Duration,
    ) -> Self {
        let jobs = Jobs::default();
        Self { machine, stream, company, shared, publish_within, follower: None, publisher: None, jobs }
    }

    /// Until it is told to stop.
    pub(crate) async fn run(mut self, mut wanted: watch::Receiver<bool>, mut stop: watch::Receiver<bool>) {
        // Whatever ends this, nobody is left waiting.
        let _close = CloseOnExit(Arc::clone(&self.shared));
        let started = Instant::now();
        wanted.mark_changed();
        loop {
            for effect in self.machine.effects() {
                self.begin(effect);
            }
            let wake_at = self.machine.wake_at();
            let input = tokio::select! {
                biased;
                // Also when the log has gone.
                _ = stop.wait_for(|stop| *stop) => return,
                Ok(()) = wanted.changed() => Input::Wanted(*wanted.borrow_and_update()),
                Sent { link, attempt, publisher, outcome } = finished(&mut self.jobs.publish) => {
                    self.publisher = Some(publisher);
                    Input::Published { link, attempt, outcome }
                }
                read = next(&mut self.follower) => self.read(read),
                (link, outcome) = finished(&mut self.jobs.connect) => {
                    let outcome = outcome.map(|publisher| self.publisher = Some(publisher));
                    Input::Connected { link, outcome }
                }
                following = finished(&mut self.jobs.follow) => match following {
                    Ok(follower) => {
                        self.follower = Some(follower);
                        continue;
                    }
                    Err(error) => Input::FollowEnded(error),
                },
                members = finished(&mut self.jobs.members) => Input::Members(members),
                hint = finished(&mut self.jobs.hint) => Input::Hint(hint),
                looked = finished(&mut self.jobs.look) => Input::Looked(looked),
                () = self.shared.work.notified() => Input::Nudge,
                () = until(wake_at.map(|at| started + at)) => Input::Nudge,
            };
            self.machine.on(started.elapsed(), input);
        }
    }

    fn begin(&mut self, effect: Effect) {
        let stream = Arc::clone(&self.stream);
        match effect {
            Effect::Follow { from } => {
                self.follower = None;
                self.jobs.follow = Some(Box::pin(async move { stream.follow(from).await }));
            }
            Effect::Unfollow => (self.follower, self.jobs.follow) = (None, None),
            Effect::Connect { link } => {
                (self.publisher, self.jobs.publish) = (None, None);
                self.jobs.connect = Some(Box::pin(async move { (link, stream.connect().await) }));
            }
            Effect::Disconnect => {
                (self.publisher, self.jobs.publish, self.jobs.connect) = (None, None, None);
            }
            Effect::Publish { link, attempt, expected_last, message } => {
                let within = self.publish_within;
                // The machine publishes on a connection that is there, and one message at a time.
                let Some(mut publisher) = self.publisher.take() else { return };
                self.jobs.publish = Some(Box::pin(async move {
                    let outcome = publisher.publish(expected_last, message, within).await;
                    Sent { link, attempt, publisher, outcome }
                }));
            }
            Effect::AskMembers => {
                let company = self.company.clone();
                self.jobs.members = Some(Box::pin(async move {
                    match company {
                        Some(Company { members, service }) => members.live(&service).await,
                        None => Ok(Vec::new()),
                    }
                }));
            }
            Effect::AskHint => self.jobs.hint = Some(Box::pin(async move { stream.last_hint().await })),
            Effect::Look { at } => {
                self.jobs.look = Some(Box::pin(async move {
                    let looking = async { stream.follow(at).await?.next().await };
                    let given_up = |_| StreamError::Unreachable("no answer in time".to_owned());
                    tokio::time::timeout(LOOK_WITHIN, looking).await.map_err(given_up)?
                }));
            }
        }
    }

    /// What was read, and what is there already besides: it is made durable with one sync.
    fn read(&mut self, read: Result<Message, StreamError>) -> Input {
        let first = match read {
            Ok(first) => first,
            Err(error) => {
                self.follower = None;
                return Input::FollowEnded(error);
            }
        };
        let (mut bytes, mut messages) = (first.bytes.len(), vec![first]);
        while bytes < BATCH_BYTES && messages.len() < BATCH_MESSAGES {
            let Some(message) = self.follower.as_mut().and_then(|follower| follower.try_next()) else { break };
            bytes += message.bytes.len();
            messages.push(message);
        }
        Input::Messages(messages)
    }
}

/// The job's result, once; as long as there is no job, never.
async fn finished<T>(job: &mut Option<Job<T>>) -> T {
    match job {
        Some(running) => {
            let result = running.await;
            *job = None;
            result
        }
        None => pending().await,
    }
}

async fn next(follower: &mut Option<Box<dyn Follower>>) -> Result<Message, StreamError> {
    match follower {
        Some(follower) => follower.next().await,
        None => pending().await,
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => pending().await,
    }
}

struct CloseOnExit(Arc<Shared>);

impl Drop for CloseOnExit {
    fn drop(&mut self) {
        self.0.close();
        if std::thread::panicking() {
            self.0.role.send_replace(Role::Halted(Halt::BrokeOff));
        }
    }
}
