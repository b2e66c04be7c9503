use allmende_gateway_domain::feedback::{Command, Event, Feedback, Model, Rejection, Topic};
use allmende_testkit::given;

use crate::support::{at, sealed, subject};

fn told(text: &str) -> Feedback {
    Feedback {
        topic: Topic::Accessibility,
        text: sealed(text),
        reply_to: None,
        page: "/koeln".to_owned(),
        by: Some(subject(1)),
        at: at(1),
    }
}

#[test]
fn it_is_told_once() {
    given::<Model>([]).when(Command::Send(told("a"))).then([Event::Sent(told("a"))]);
    given::<Model>([Event::Sent(told("a"))]).when(Command::Send(told("a"))).then([]);
    given::<Model>([Event::Sent(told("a"))]).when(Command::Send(told("b"))).then_rejected(Rejection::Differs);
}

#[test]
fn it_is_erased_once_and_stays_so() {
    let erase = |secs| Command::Erase { by: Some(subject(2)), at: at(secs) };
    let erased = Event::Erased { by: Some(subject(2)), at: at(2) };
    let sent = Event::Sent(told("a"));
    given::<Model>([]).when(erase(2)).then_rejected(Rejection::Unknown);
    given::<Model>([sent.clone()]).when(erase(2)).then([erased.clone()]);
    given::<Model>([sent.clone(), erased.clone()]).when(erase(3)).then([]);
    given::<Model>([sent, erased]).when(Command::Send(told("b"))).then_rejected(Rejection::Differs);
}
