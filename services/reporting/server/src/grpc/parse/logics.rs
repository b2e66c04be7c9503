use allmende_kernel::RequestId;
use allmende_proto::reporting::v1 as pb;
use allmende_reporting_domain::impact_logic::{Activity, ImpactLogic, MAX_ENTRIES, MAX_INDICATORS, Outcome};
use allmende_reporting_domain::{ImpactLogicId, Text};
use allmende_runtime::errors::{Rule, Violations};
use allmende_runtime::fields;
use tonic::Status;

use super::{day, ids, impact_logic_id, indicator_id, last_day, text};

pub(crate) fn define_impact_logic(
    message: &pb::DefineImpactLogicRequest,
) -> Result<(RequestId, (ImpactLogicId, ImpactLogic)), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let Some(message) = &message.impact_logic else {
        violations.add("impact_logic", "must be set");
        return violations.finish(|| None);
    };
    let logic_id = violations.check("impact_logic.impact_logic_id", impact_logic_id(&message.impact_logic_id));
    let title = text(&mut violations, "impact_logic.title", message.title.as_ref());
    let resources = list(&mut violations, "impact_logic.resources", &message.resources, |violations, path, message| {
        text(violations, path, Some(message))
    });
    let activities = list(&mut violations, "impact_logic.activities", &message.activities, activity);
    let results = list(&mut violations, "impact_logic.results", &message.results, outcome);
    let effects = list(&mut violations, "impact_logic.effects", &message.effects, outcome);
    violations.finish(|| {
        let (resources, activities): (Vec<Text>, Vec<Activity>) = (resources?, activities?);
        let logic = ImpactLogic { title: title?, resources, activities, results: results?, effects: effects? };
        Some((id?, (logic_id?, logic)))
    })
}

fn list<M, T>(
    violations: &mut Violations,
    path: &str,
    messages: &[M],
    parse: impl Fn(&mut Violations, &str, &M) -> Option<T>,
) -> Option<Vec<T>> {
    if messages.len() > MAX_ENTRIES {
        violations.add(path, Rule::Count(0, MAX_ENTRIES as u64));
        return None;
    }
    // All of them, so that each one's faults are told.
    let parsed =
        messages.iter().enumerate().map(|(index, message)| parse(violations, &format!("{path}[{index}]"), message));
    parsed.collect::<Vec<_>>().into_iter().collect()
}

fn activity(violations: &mut Violations, path: &str, message: &pb::Activity) -> Option<Activity> {
    let title = text(violations, &format!("{path}.title"), message.title.as_ref());
    let begins_on = violations.check(format_args!("{path}.begins_on"), day(&message.begins_on));
    let ends_on = violations.check(format_args!("{path}.ends_on"), last_day(&message.ends_on, begins_on));
    Some(Activity { title: title?, begins_on: begins_on?, ends_on: ends_on? })
}

fn outcome(violations: &mut Violations, path: &str, message: &pb::Outcome) -> Option<Outcome> {
    let title = text(violations, &format!("{path}.title"), message.title.as_ref());
    let path = format!("{path}.indicator_ids");
    let indicators = ids(violations, &path, &message.indicator_ids, MAX_INDICATORS, indicator_id);
    Some(Outcome { title: title?, indicators: indicators? })
}
