use allmende_gateway_domain::feedback::{Feedback, Model, Rejection, Send, Sent, Topic};
use allmende_testkit::given;

use crate::support::{at, sealed};

#[test]
fn it_is_told_once() {
    let told = |text| Feedback {
        topic: Topic::Accessibility,
        text: sealed(text),
        reply_to: None,
        page: "/koeln".to_owned(),
        at: at(1),
    };
    given::<Model>([]).when(Send(told("a"))).then([Sent(told("a"))]);
    given::<Model>([Sent(told("a"))]).when(Send(told("a"))).then([]);
    given::<Model>([Sent(told("a"))]).when(Send(told("b"))).then_rejected(Rejection::Differs);
}
