use allmende_gateway_domain::tenant::{Command, Event, Kind, Model, Profile, Rejection, Text};
use allmende_testkit::given;
use proptest::prelude::*;

use crate::support::{at, laws_hold};

fn profile(name: &str) -> Profile {
    Profile {
        name: name.to_owned(),
        kind: Kind::Municipality,
        regional_key: "053150000000".to_owned(),
        imprint: Text { de: "Impressum".to_owned(), en: String::new() },
        privacy_notice: Text::default(),
        accessibility_statement: Text::default(),
        contact: Text::default(),
    }
}

fn register(name: &str, demo: bool) -> Command {
    Command::Register { profile: profile(name), demo, at: at(1) }
}

fn registered(name: &str, demo: bool) -> Event {
    Event::Registered { profile: profile(name), demo, at: at(1) }
}

#[test]
fn a_tenant_is_registered_once_and_updated_as_often_as_it_changes() {
    let update = |name: &str| Command::Update { profile: profile(name), at: at(2) };
    let updated = Event::Updated { profile: profile("B"), at: at(2) };
    given::<Model>([]).when(register("A", false)).then([registered("A", false)]);
    given::<Model>([registered("A", false)]).when(register("A", false)).then([]);
    given::<Model>([registered("A", false)]).when(register("B", false)).then_rejected(Rejection::Differs);
    given::<Model>([]).when(update("A")).then_rejected(Rejection::Unknown);
    given::<Model>([registered("A", false)]).when(update("A")).then([]);
    given::<Model>([registered("A", false)]).when(update("B")).then([updated]);
}

#[test]
fn made_up_data_stays_marked() {
    given::<Model>([registered("A", true)]).when(register("A", false)).then_rejected(Rejection::Differs);
    let updated = Event::Updated { profile: profile("B"), at: at(2) };
    assert!(given::<Model>([registered("A", true), updated]).state().unwrap().demo);
}

proptest! {
    #[test]
    fn the_laws_hold(wishes in prop::collection::vec((any::<bool>(), 0u8..3, any::<bool>()), 0..20)) {
        let steps: Vec<_> = wishes.into_iter().map(|(new, name, demo)| {
            let name = format!("tenant {name}");
            let command =
                if new { register(&name, demo) } else { Command::Update { profile: profile(&name), at: at(3) } };
            ((), command)
        }).collect();
        laws_hold::<Model>(&steps, |_| Ok(()))?;
    }
}
