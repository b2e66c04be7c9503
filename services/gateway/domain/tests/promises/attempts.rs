use allmende_gateway_domain::attempts::{Command, Event, Model, Rejection};
use allmende_testkit::{Given, given};
use proptest::prelude::*;

use crate::support::{at, laws_hold};

fn failed(when: i64) -> Event {
    Event::Failed { at: at(when) }
}

fn sent(when: i64) -> Event {
    Event::CodeSent { at: at(when) }
}

fn after(failures: i64) -> Given<Model> {
    given((0..failures).map(|number| failed(20 + number)))
}

#[test]
fn failures_make_the_next_attempt_wait_and_success_ends_it() {
    let right = |when| Command::NoteSuccess { at: at(when) };
    let wrong = |when| Command::NoteFailure { at: at(when) };
    let succeeded = |when| [Event::Succeeded { at: at(when) }];
    after(0).when(right(20)).then([]);
    after(4).when(right(24)).then(succeeded(24));
    after(5).when(right(28)).then_rejected(Rejection::Locked { until: at(29) });
    after(5).when(wrong(28)).then_rejected(Rejection::Locked { until: at(29) });
    after(5).when(wrong(29)).then([failed(29)]);
    after(5).when(right(29)).then(succeeded(29));
    after(40).when(right(59 + 900)).then(succeeded(959));
    after(40).when(right(59 + 899)).then_rejected(Rejection::Locked { until: at(959) });
}

#[test]
fn the_gap_between_two_mails_grows_whatever_they_are_for() {
    let send = |when| Command::SendCode { at: at(when) };
    given::<Model>([]).when(send(0)).then([sent(0)]);
    given::<Model>([sent(0)]).when(send(59)).then_rejected(Rejection::CodeJustSent);
    given::<Model>([sent(0)]).when(send(60)).then([sent(60)]);
    given::<Model>([sent(0), sent(60)]).when(send(179)).then_rejected(Rejection::CodeJustSent);
    given::<Model>([sent(0), sent(60)]).when(send(180)).then([sent(180)]);
}

#[test]
fn whoever_reads_mail_there_begins_anew() {
    let used = Event::CodeUsed { at: at(70) };
    let history = || [sent(0), sent(60)].into_iter().chain((0..40).map(|number| failed(20 + number)));
    given::<Model>(history()).when(Command::NoteCodeUsed { at: at(70) }).then([used]);
    let anew = || given::<Model>(history().chain([used]));
    anew().when(Command::NoteCodeUsed { at: at(71) }).then([]);
    anew().when(Command::SendCode { at: at(71) }).then([sent(71)]);
    anew().when(Command::NoteSuccess { at: at(71) }).then([]);
}

proptest! {
    #[test]
    fn the_laws_hold(wishes in prop::collection::vec((0u8..4, 0i64..5_000), 0..40)) {
        let steps: Vec<_> = wishes.into_iter().map(|(wish, when)| {
            let at = at(when);
            let command = match wish {
                0 => Command::NoteFailure { at },
                1 => Command::NoteSuccess { at },
                2 => Command::SendCode { at },
                _ => Command::NoteCodeUsed { at },
            };
            ((), command)
        }).collect();
        laws_hold::<Model>(&steps, |_| Ok(()))?;
    }
}
