use allmende_gateway_domain::Language;
use allmende_gateway_domain::mail::{Command, Event, Kind, Mail, Model, Progress, Rejection};
use allmende_testkit::given;
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::{at, laws_hold, sealed, subject, tenant};

fn mail(kind: Kind) -> Mail {
    Mail {
        recipient: subject(1),
        home: tenant("koeln"),
        kind,
        language: Language::German,
        code: None,
        about: Some(Uuid::from_u128(7)),
        address: None,
        deadline: None,
    }
}

fn queued() -> Event {
    Event::Queued { mail: mail(Kind::ContributionPublished), at: at(0) }
}

fn failure(attempt: u32, permanent: bool, when: i64) -> Command {
    Command::NoteFailure { attempt, reply_code: 421, permanent, at: at(when) }
}

#[test]
fn a_mail_is_queued_once_for_its_cause() {
    let queue = |mail| Command::Queue { mail, at: at(0) };
    given::<Model>([]).when(queue(mail(Kind::ContributionPublished))).then([queued()]);
    given::<Model>([queued()]).when(queue(mail(Kind::ContributionPublished))).then([]);
    let resealed = Mail { code: Some(sealed("other box")), ..mail(Kind::ContributionPublished) };
    given::<Model>([queued()]).when(queue(resealed)).then([]);
    given::<Model>([queued()]).when(queue(mail(Kind::PasswordChanged))).then_rejected(Rejection::Differs);
}

#[test]
fn it_is_tried_until_it_is_taken_or_given_up() {
    let sent = |attempt| Command::NoteSent { attempt, at: at(5) };
    given::<Model>([queued()]).when(sent(1)).then([Event::Sent { attempt: 1, at: at(5) }]);
    given::<Model>([queued()]).when(sent(2)).then_rejected(Rejection::Unknown);
    given::<Model>([queued(), Event::Sent { attempt: 1, at: at(5) }]).when(sent(1)).then([]);

    let mut history = vec![queued()];
    let mut now = 0;
    for (attempt, minutes) in (1..).zip([1, 5, 30, 120, 360, 720, 720, 720]) {
        let next_at = at(now + minutes * 60);
        let failed = Event::Failed { attempt, reply_code: 421, at: at(now), next_at };
        let state = given::<Model>(history.clone()).when(failure(attempt, false, now)).then([failed.clone()]);
        assert_eq!(state.unwrap().progress, Progress::Waiting { next_at });
        history.push(failed);
        now += minutes * 60;
    }
    let given_up = Event::GivenUp { attempts: 9, reply_code: 421, at: at(now) };
    given::<Model>(history).when(failure(9, false, now)).then([given_up]);
    assert!((86_400..3 * 86_400).contains(&now), "{now}");
}

#[test]
fn what_can_never_be_taken_is_given_up_at_once() {
    let given_up = Event::GivenUp { attempts: 1, reply_code: 421, at: at(5) };
    given::<Model>([queued()]).when(failure(1, true, 5)).then([given_up.clone()]);
    given::<Model>([queued(), given_up]).when(failure(2, false, 9)).then_rejected(Rejection::Unknown);
}

#[test]
fn an_operator_has_it_tried_once_more_or_not_at_all() {
    let retry = |when| Command::Retry { at: at(when) };
    let drop = |when| Command::Drop { at: at(when) };
    let failed = Event::Failed { attempt: 1, reply_code: 421, at: at(5), next_at: at(65) };
    let given_up = Event::GivenUp { attempts: 1, reply_code: 550, at: at(5) };
    given::<Model>([queued()]).when(retry(3)).then([]);
    given::<Model>([queued(), failed.clone()]).when(retry(9)).then([Event::Retried { at: at(9) }]);
    let retried = [queued(), given_up.clone(), Event::Retried { at: at(9) }];
    let state = given::<Model>([queued(), given_up.clone()]).when(retry(9)).then([Event::Retried { at: at(9) }]);
    assert_eq!(state.unwrap().progress, Progress::Waiting { next_at: at(9) });
    let sent = Event::Sent { attempt: 2, at: at(10) };
    given::<Model>(retried.clone()).when(Command::NoteSent { attempt: 2, at: at(10) }).then([sent.clone()]);
    given::<Model>([queued(), Event::Sent { attempt: 1, at: at(5) }]).when(retry(9)).then_rejected(Rejection::Over);

    for history in [vec![queued()], vec![queued(), failed], vec![queued(), given_up]] {
        given::<Model>(history).when(drop(9)).then([Event::Dropped { at: at(9) }]);
    }
    let dropped = [queued(), Event::Dropped { at: at(9) }];
    given::<Model>(dropped.clone()).when(drop(11)).then([]);
    given::<Model>(dropped.clone()).when(retry(11)).then_rejected(Rejection::Over);
    given::<Model>([queued(), Event::Sent { attempt: 1, at: at(5) }]).when(drop(9)).then_rejected(Rejection::Over);
    // What was under way when it was dropped is noted as it went, and not tried again.
    let taken = Event::Sent { attempt: 1, at: at(12) };
    given::<Model>(dropped.clone()).when(Command::NoteSent { attempt: 1, at: at(12) }).then([taken]);
    given::<Model>(dropped).when(failure(1, false, 12)).then([]);
}

proptest! {
    #[test]
    fn the_laws_hold(wishes in prop::collection::vec((0u8..5, 0u32..6, any::<bool>(), 0i64..900), 0..30)) {
        let steps: Vec<_> = wishes.into_iter().map(|(wish, attempt, permanent, when)| {
            let command = match wish {
                0 => Command::Queue { mail: mail(Kind::ContributionPublished), at: at(when) },
                1 => Command::NoteSent { attempt, at: at(when) },
                2 => failure(attempt, permanent, when),
                3 => Command::Retry { at: at(when) },
                _ => Command::Drop { at: at(when) },
            };
            ((), command)
        }).collect();
        laws_hold::<Model>(&steps, |_| Ok(()))?;
    }
}
