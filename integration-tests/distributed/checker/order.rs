//! Real time: what was answered before another command was sent comes before it. An answer of a leader that was deposed
//! breaks it, as its position or its state is from before what the next leader has answered.

use std::collections::{BTreeMap, HashMap};

use allmende_kernel::Position;
use uuid::Uuid;

use super::{Findings, Promise};
use crate::history::{Command, History, Moment, Partition};
use crate::ledger::Ledger;

pub(super) fn check(history: &History, logs: &BTreeMap<&str, &Ledger>, findings: &mut Findings) {
    for partition in Partition::ALL {
        let Some(log) = logs.get(partition.name()) else { continue };
        let mut stored: HashMap<Uuid, Position> = HashMap::new();
        for commit in log.commits() {
            commit.request.map(|request| stored.entry(request).or_insert(commit.position));
        }
        let commands: Vec<_> =
            history.commands.iter().filter(|command| command.content.partition() == partition).collect();
        one_partition(&commands, &stored, findings);
    }
}

fn one_partition(commands: &[&Command], stored: &HashMap<Uuid, Position>, findings: &mut Findings) {
    let mut answered: Vec<(Moment, Position)> =
        commands.iter().filter_map(|command| Some((command.acknowledged()?, *stored.get(&command.request)?))).collect();
    answered.sort_unstable();
    let mut asked: Vec<_> = commands.to_vec();
    asked.sort_by_key(|command| command.asked());
    let (mut passed, mut reached) = (answered.into_iter().peekable(), Position::START);
    for command in asked {
        while let Some((_, position)) = passed.next_if(|(answered, _)| *answered < command.asked()) {
            reached = reached.max(position);
        }
        let request = command.request;
        match stored.get(&command.request) {
            Some(at) => findings.unless(*at > reached, Promise::NoDeposedAnswer, || {
                format!("request {request} is at {at}, and was sent after one at {reached} was answered")
            }),
            // It changed nothing: what it was told must not be older than what was known when it was sent.
            None => {
                for (_, at, _) in command.acknowledgements() {
                    findings.unless(at >= reached, Promise::NoDeposedAnswer, || {
                        format!("request {request} was told {at}, and was sent after one at {reached} was answered")
                    });
                }
            }
        }
    }
}
