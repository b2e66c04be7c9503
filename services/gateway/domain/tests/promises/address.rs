use allmende_gateway_domain::address::{Command, Event, Holder, Model, Rejection};
use allmende_testkit::given;
use proptest::prelude::*;

use crate::support::{laws_hold, subject, tenant};

fn holder(number: u128) -> Holder {
    Holder { subject: subject(number), home: tenant("koeln") }
}

#[test]
fn an_address_leads_to_one_account() {
    given::<Model>([]).when(Command::Take(holder(1))).then([Event::Taken(holder(1))]);
    let taken = || given::<Model>([Event::Taken(holder(1))]);
    taken().when(Command::Take(holder(1))).then([]);
    taken().when(Command::Take(holder(2))).then_rejected(Rejection::Taken(holder(1)));
    let elsewhere = Holder { home: tenant("bonn"), ..holder(1) };
    taken().when(Command::Take(elsewhere)).then_rejected(Rejection::Taken(holder(1)));
}

#[test]
fn a_released_address_can_be_taken_again() {
    let released = Event::Released { subject: subject(1) };
    let taken = || given::<Model>([Event::Taken(holder(1))]);
    taken().when(Command::Release { subject: subject(2) }).then([]);
    taken().when(Command::Release { subject: subject(1) }).then([released.clone()]);
    given::<Model>([Event::Taken(holder(1)), released]).when(Command::Take(holder(2))).then([Event::Taken(holder(2))]);
}

proptest! {
    #[test]
    fn the_laws_hold(commands in prop::collection::vec((0u128..3, any::<bool>()), 0..30)) {
        let command = |(who, take): (u128, bool)| match take {
            true => Command::Take(holder(who)),
            false => Command::Release { subject: subject(who) },
        };
        let steps: Vec<_> = commands.into_iter().map(|wish| ((), command(wish))).collect();
        laws_hold::<Model>(&steps, |_| Ok(()))?;
    }
}
