use allmende_gateway_domain::ProcedureId;
use allmende_gateway_domain::grants::{Command, Event, Given, Giver, Grant, MAX_GRANTS, Model, Rejection};
use allmende_kernel::Role;
use allmende_testkit::given;
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::{at, laws_hold, subject};

const ADMINISTRATOR: Giver = Giver { operator: false, platform: false };
const OPERATOR: Giver = Giver { operator: true, platform: false };
const OPERATOR_FOR_ALL: Giver = Giver { operator: true, platform: true };

fn grant(role: Role) -> Grant {
    Grant { role, procedure: None }
}

fn for_procedure(role: Role, number: u128) -> Grant {
    Grant { role, procedure: Some(ProcedureId::new(Uuid::from_u128(number))) }
}

fn by(number: u128) -> Given {
    Given { by: subject(number), at: at(5) }
}

#[test]
fn a_grant_is_given_and_taken_once() {
    let moderator = grant(Role::Moderator);
    given::<Model>([])
        .with(ADMINISTRATOR)
        .when(Command::Grant(moderator, by(1)))
        .then([Event::Granted(moderator, by(1))]);
    let granted = || given::<Model>([Event::Granted(moderator, by(1))]);
    granted().with(ADMINISTRATOR).when(Command::Grant(moderator, by(2))).then([]);
    granted().with(ADMINISTRATOR).when(Command::Revoke(moderator, by(2))).then([Event::Revoked(moderator, by(2))]);
    given::<Model>([]).with(ADMINISTRATOR).when(Command::Revoke(moderator, by(2))).then([]);
}

#[test]
fn one_for_a_procedure_is_another_than_one_for_the_tenant() {
    let (whole, one) = (grant(Role::Moderator), for_procedure(Role::Moderator, 7));
    let granted = || given::<Model>([Event::Granted(one, by(1))]);
    granted().with(ADMINISTRATOR).when(Command::Revoke(whole, by(1))).then([]);
    granted().with(ADMINISTRATOR).when(Command::Grant(whole, by(1))).then([Event::Granted(whole, by(1))]);
}

#[test]
fn operators_are_made_by_operators_for_the_whole_platform() {
    let operator = grant(Role::PlatformOperator);
    let refused = |giver, grant| {
        given::<Model>([]).with(giver).when(Command::Grant(grant, by(1))).then_rejected(Rejection::NotYoursToGive);
        given::<Model>([]).with(giver).when(Command::Revoke(grant, by(1))).then_rejected(Rejection::NotYoursToGive);
    };
    refused(ADMINISTRATOR, operator);
    refused(OPERATOR, operator);
    refused(Giver { operator: false, platform: true }, operator);
    refused(OPERATOR_FOR_ALL, grant(Role::TenantAdministrator));
    refused(OPERATOR_FOR_ALL, for_procedure(Role::PlatformOperator, 7));
    let granted = Event::Granted(operator, by(1));
    given::<Model>([]).with(OPERATOR_FOR_ALL).when(Command::Grant(operator, by(1))).then([granted]);
}

#[test]
fn a_person_has_at_most_a_hundred_grants_in_a_tenant() {
    let all: Vec<_> =
        (0..MAX_GRANTS as u128).map(|n| Event::Granted(for_procedure(Role::Moderator, n), by(1))).collect();
    let one_more = Command::Grant(grant(Role::Moderator), by(1));
    given::<Model>(all).with(ADMINISTRATOR).when(one_more).then_rejected(Rejection::TooMany);
}

proptest! {
    #[test]
    fn the_laws_hold(wishes in prop::collection::vec((any::<bool>(), 0usize..13, prop::option::of(0u128..3), 0u8..3), 0..40)) {
        let steps: Vec<_> = wishes.into_iter().map(|(give, role, procedure, giver)| {
            let procedure = procedure.map(|number| ProcedureId::new(Uuid::from_u128(number)));
            let grant = Grant { role: Role::ALL[role], procedure };
            let command = if give { Command::Grant(grant, by(1)) } else { Command::Revoke(grant, by(2)) };
            ([ADMINISTRATOR, OPERATOR, OPERATOR_FOR_ALL][usize::from(giver)], command)
        }).collect();
        laws_hold::<Model>(&steps, |state| match state.len() <= MAX_GRANTS {
            true => Ok(()),
            false => Err("too many".to_owned()),
        })?;
    }
}
