//! The world: the stream's server, the network, time, and whoever kills and pauses.

use std::collections::BTreeMap;
use std::time::Duration;

use allmende_eventlog::Reading;
use allmende_kernel::PartitionName;
use bytes::Bytes;

use super::client::Client;
use super::faults::Faults;
use super::history::History;
use super::node::Node;
use super::random::Random;
use crate::cluster::{Announcement, ReplicaHead};
use crate::machine::{Input, Moment};
use crate::model::Sequence;
use crate::rules::Rules;
use crate::stream::{Published, StreamError};

/// Something that will happen. What concerns a member names the life that it is meant for.
#[derive(Debug)]
pub(super) enum Event {
    /// A message reaches the server.
    Arrives {
        node: usize,
        life: u64,
        link: u64,
        attempt: u64,
        expected_last: u64,
        message: Bytes,
    },
    /// An answer, or the end of waiting for one, reaches the member.
    Answered {
        node: usize,
        life: u64,
        link: u64,
        attempt: u64,
        outcome: Published,
    },
    Connected {
        node: usize,
        life: u64,
        link: u64,
        made: bool,
    },
    /// The follower gives what there is.
    Gives {
        node: usize,
        life: u64,
        follower: u64,
    },
    Members {
        node: usize,
        life: u64,
    },
    Hint {
        node: usize,
        life: u64,
        hint: u64,
    },
    /// What stands there comes to a reader of that one message.
    Looked {
        node: usize,
        life: u64,
        at: u64,
    },
    Wake {
        node: usize,
        life: u64,
    },
    Announce {
        node: usize,
    },
    /// Something is done to some member.
    Meddle,
    Wanted {
        node: usize,
        wanted: bool,
    },
    Restart {
        node: usize,
    },
    Client {
        client: usize,
    },
}

pub(super) struct World {
    pub(super) random: Random,
    pub(super) faults: Faults,
    pub(super) rules: Rules,
    pub(super) now: Moment,
    queue: BTreeMap<(Moment, u64), Event>,
    queued: u64,
    pub(super) partition: PartitionName,
    pub(super) stream: Sequence,
    pub(super) nodes: Vec<Node>,
    pub(super) clients: Vec<Client>,
    pub(super) history: History,
    announced: Vec<Option<(Moment, Announcement)>>,
    pub(super) meddles: bool,
    /// How long a follower takes to begin.
    pub(super) reader_takes: Duration,
    /// How often a member answered with anything but what was asked for, other than that it does not lead.
    pub(super) refused: usize,
    /// The last such answer, for whoever looks at a simulation that hangs.
    pub(super) last_refusal: String,
    /// What happened, as one number: two runs of a seed have the same.
    pub(super) trace: u64,
}

/// How long an announcement counts.
const ANNOUNCED: Duration = Duration::from_secs(6);

pub(super) fn name(node: usize) -> String {
    format!("member-{node}")
}

impl World {
    pub(super) fn new(seed: u64, members: usize, faults: Faults, rules: Rules) -> Self {
        let mut random = Random(seed);
        let partition = PartitionName::parse("simulation-0").unwrap();
        let skew = faults.skew_seconds * 1_000_000;
        let nodes: Vec<Node> =
            (0..members).map(|_| Node::new(&partition, random.below(skew.max(1)) as i64 - skew as i64 / 2)).collect();
        let announced = (0..members).map(|_| None).collect();
        let mut world = Self {
            random,
            faults,
            rules,
            now: Moment::ZERO,
            queue: BTreeMap::new(),
            queued: 0,
            partition,
            stream: Sequence::default(),
            nodes,
            clients: Vec::new(),
            history: History::default(),
            announced,
            meddles: true,
            reader_takes: Duration::ZERO,
            refused: 0,
            last_refusal: String::new(),
            trace: seed,
        };
        for node in 0..members {
            world.start(node);
            world.later(Duration::from_millis(10), Event::Announce { node });
        }
        world
    }

    pub(super) fn later(&mut self, after: Duration, event: Event) {
        self.queued += 1;
        self.queue.insert((self.now + after, self.queued), event);
    }

    fn start(&mut self, node: usize) {
        let (now, rules) = (self.now, self.rules);
        self.nodes[node].start(&name(node), now, rules, &mut self.random);
        let wanted = self.nodes[node].wanted;
        self.tell(node, Input::Wanted(wanted));
    }

    pub(super) fn kill(&mut self, node: usize) {
        self.nodes[node].live = None;
    }

    pub(super) fn restart(&mut self, node: usize) {
        if self.nodes[node].live.is_none() {
            self.start(node);
        }
    }

    /// Lets the next thing happen. False when there is nothing or `until` has come.
    pub(super) fn step(&mut self, until: Moment) -> bool {
        let Some(entry) = self.queue.first_entry().filter(|entry| entry.key().0 <= until) else {
            self.now = until.max(self.now);
            return false;
        };
        let ((at, _), event) = entry.remove_entry();
        self.now = at;
        self.trace = (self.trace ^ at.as_micros() as u64 ^ self.stream.last() << 40).wrapping_mul(0x100_0000_01b3);
        self.happens(event);
        true
    }

    /// The node that the event is for, unless it died since; a paused one gets it when it goes on.
    fn reaches(&mut self, node: usize, life: u64, event: impl FnOnce() -> Event) -> bool {
        let member = &self.nodes[node];
        if member.live.is_none() || member.life != life {
            return false;
        }
        if member.paused_until > self.now {
            let after = member.paused_until - self.now;
            self.later(after, event());
            return false;
        }
        true
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Arrives { node, life, link, attempt, expected_last, message } => {
                let outcome = self.arrives(expected_last, message);
                if !self.random.chance(self.faults.lost_answers) {
                    let after = self.random.micros(50, 2_000);
                    self.later(after, Event::Answered { node, life, link, attempt, outcome });
                }
            }
            Event::Answered { node, life, link, attempt, outcome } => {
                let again = || Event::Answered { node, life, link, attempt, outcome };
                if self.reaches(node, life, again)
                    && let Some(live) = &mut self.nodes[node].live
                    && live.outstanding.take_if(|waits| *waits == (link, attempt)).is_some()
                {
                    self.tell(node, Input::Published { link, attempt, outcome });
                }
            }
            Event::Connected { node, life, link, made } => {
                if self.reaches(node, life, || Event::Connected { node, life, link, made }) {
                    let outcome = if made { Ok(()) } else { Err(StreamError::Unreachable("played".into())) };
                    self.tell(node, Input::Connected { link, outcome });
                }
            }
            Event::Gives { node, life, follower } => {
                if self.reaches(node, life, || Event::Gives { node, life, follower }) {
                    self.give(node, follower);
                }
            }
            Event::Members { node, life } => {
                if self.reaches(node, life, || Event::Members { node, life }) {
                    let now = self.now;
                    let live = self.announced.iter().flatten().filter(|(at, _)| *at + ANNOUNCED >= now);
                    let live = live.map(|(_, announcement)| announcement.clone()).collect();
                    self.tell(node, Input::Members(Ok(live)));
                }
            }
            Event::Hint { node, life, hint } => {
                if self.reaches(node, life, || Event::Hint { node, life, hint }) {
                    self.tell(node, Input::Hint(Ok(hint)));
                }
            }
            Event::Looked { node, life, at } => {
                if self.reaches(node, life, || Event::Looked { node, life, at }) {
                    let message = self.stream.get(at).ok_or(StreamError::Unreachable("played".into()));
                    self.tell(node, Input::Looked(message));
                }
            }
            Event::Wake { node, life } => {
                if self.reaches(node, life, || Event::Wake { node, life }) {
                    if let Some(live) = &mut self.nodes[node].live {
                        live.wake_at = None;
                    }
                    self.tell(node, Input::Nudge);
                }
            }
            Event::Announce { node } => {
                self.announce(node);
                let after = self.random.micros(800_000, 1_200_000);
                self.later(after, Event::Announce { node });
            }
            Event::Wanted { node, wanted } => {
                self.nodes[node].wanted = wanted;
                let life = self.nodes[node].life;
                if self.reaches(node, life, || Event::Wanted { node, wanted }) {
                    self.tell(node, Input::Wanted(wanted));
                }
            }
            Event::Restart { node } => self.restart(node),
            Event::Meddle => self.meddle(),
            Event::Client { client } => self.client_acts(client),
        }
    }

    fn announce(&mut self, node: usize) {
        let member = &self.nodes[node];
        let Some(live) = member.live.as_ref().filter(|_| member.paused_until <= self.now) else { return };
        let head = *member.replica.head().borrow();
        let announcement = Announcement {
            member: name(node),
            service: "simulation".into(),
            address: String::new(),
            leaving: false,
            heads: vec![ReplicaHead {
                partition: self.partition.clone(),
                group: head.group,
                epoch: head.epoch,
                hash: head.hash,
                standing: *live.shared.standing.borrow(),
            }],
            event_types: [super::counter::ADDED.to_owned()].into(),
            announced_at: Default::default(),
        };
        self.announced[node] = Some((self.now, announcement));
    }

    /// Tells the machine, does what it says, and lets those who wait at this member look.
    pub(super) fn tell(&mut self, node: usize, input: Input) {
        let mut input = Some(input);
        for round in 0..4 {
            let now = self.now;
            self.nodes[node].set_clock(now);
            let Some(live) = &mut self.nodes[node].live else { return };
            let since = now - live.started;
            live.machine.on(since, input.take().unwrap_or(Input::Nudge));
            for effect in live.machine.effects() {
                self.perform(node, effect);
            }
            // What was admitted just now is for the machine to publish.
            if !self.poll_attempts(node) && round > 0 {
                break;
            }
        }
        self.schedule_wake(node);
    }

    fn schedule_wake(&mut self, node: usize) {
        let (now, life) = (self.now, self.nodes[node].life);
        let Some(live) = &mut self.nodes[node].live else { return };
        let Some(at) = live.machine.wake_at().map(|at| (live.started + at).max(now)) else { return };
        if live.wake_at.is_none_or(|before| at < before) {
            live.wake_at = Some(at);
            self.later(at - now, Event::Wake { node, life });
        }
    }
}
