//! The phases of a procedure in a form.

use allmende_proto::participation::v1::{Phase, Procedure};

use crate::forms::{Field, Form, Submitted};
use crate::visit::Visit;
use crate::words::{self, fill};

/// The most phases that a procedure has.
const MAX_PHASES: usize = 20;

/// A group of fields for each phase that is there, and more of them, empty. At least one phase is needed.
pub(super) fn with_phases(visit: &Visit, mut form: Form, present: &[Phase], rooms: usize) -> Form {
    let (m, s, language) = (visit.m, visit.language.staff(), visit.language);
    for number in 1..=rooms.min(MAX_PHASES) {
        let phase = present.get(number - 1);
        let mut kinds = words::phase_kinds(language);
        if number > 1 {
            kinds.insert(0, (String::new(), m.none.to_owned()));
        }
        let kind = Field::select(format!("phases{number}.kind"), s.kind_of_phase, kinds);
        let from = Field::day(format!("phases{number}.from_day"), s.first_day);
        let to = Field::day(format!("phases{number}.to_day"), s.last_day);
        let mut fields = [kind, from, to];
        if let Some(phase) = phase {
            let values = [phase.kind.to_string(), phase.from_day.clone(), phase.to_day.clone()];
            for (field, value) in fields.iter_mut().zip(values) {
                field.value = value;
            }
        }
        form = form.group(fill(s.number_of_phase, &[&number.to_string()]));
        for field in fields {
            form = form.field(if number == 1 { field } else { field.optional() });
        }
    }
    form.group("")
}

/// Room for the phases of a procedure and for two more.
pub(super) fn rooms(procedure: &Procedure) -> usize {
    procedure.phases.len() + 2
}

/// What was entered with the phases that have no kind left out, and the others counted anew: so they are counted in the
/// request, and so they stand in the form if it comes back.
pub(super) fn without_gaps(submitted: Submitted) -> Submitted {
    let kept: Vec<usize> = (1..=MAX_PHASES).filter(|number| kind(&submitted, *number) != 0).collect();
    submitted.renamed(|name| {
        let Some((number, part)) = name.strip_prefix("phases").and_then(|rest| rest.split_once('.')) else {
            return Some(name.to_owned());
        };
        let number: usize = number.parse().ok()?;
        let place = kept.iter().position(|kept| *kept == number)?;
        Some(format!("phases{}.{part}", place + 1))
    })
}

fn kind(submitted: &Submitted, number: usize) -> i32 {
    submitted.number(&format!("phases{number}.kind"))
}

/// The phases that were entered, and the form with what is missing of them.
pub(super) fn read(visit: &Visit, submitted: &Submitted, mut form: Form) -> (Vec<Phase>, Form) {
    let mut phases = Vec::new();
    for number in (1..=MAX_PHASES).take_while(|number| kind(submitted, *number) != 0) {
        let day = |part: &str| submitted.text(&format!("phases{number}.{part}"));
        let (from_day, to_day) = (day("from_day"), day("to_day"));
        for (part, day) in [("from_day", &from_day), ("to_day", &to_day)] {
            if day.is_empty() {
                form = form.wrong(&format!("phases{number}.{part}"), visit.language.staff().error_day_missing);
            }
        }
        phases.push(Phase { kind: kind(submitted, number), from_day, to_day, ..Phase::default() });
    }
    (phases, form)
}
