use allmende_participation_domain::procedure::Terms;
use allmende_participation_domain::{MAX_PHASES, Phase, Schedule, Transcription};
use allmende_proto::participation::v1 as pb;
use allmende_runtime::errors::Rule;

use super::Parse;
use crate::berlin::Berlin;

/// The most supports that a procedure gives a person, or asks for.
const MAX_SUPPORTS_PER_PERSON: u32 = 1_000;
const MAX_THRESHOLD: u32 = 10_000_000;

impl Parse {
    fn limit(&mut self, field: &str, number: u32, max: u32) -> Option<u32> {
        if number > max {
            self.add(field, Rule::Number(0, max.into()));
        }
        (number > 0).then_some(number)
    }
}

pub(crate) fn terms(parse: &mut Parse, message: &pb::OpenProcedureRequest) -> Option<Terms> {
    let title = parse.line("title", &message.title, 1..=200);
    let summary = parse.text("summary", &message.summary, 0..=5_000);
    let method = parse.line("method", &message.method, 1..=100);
    let required_level = parse.word::<pb::SignInLevel, _>("required_level", message.required_level);
    let licence = parse.line("licence", &message.licence, 1..=100);
    let supports_per_person = parse.limit("supports_per_person", message.supports_per_person, MAX_SUPPORTS_PER_PERSON);
    let support_threshold = parse.limit("support_threshold", message.support_threshold, MAX_THRESHOLD);
    Some(Terms {
        title: title?,
        summary: summary?,
        method: method?,
        required_level: required_level?,
        counts_hidden: message.counts_hidden,
        licence: licence?,
        supports_per_person,
        support_threshold,
    })
}

/// Days as they are said become moments here.
pub(crate) fn schedule(
    parse: &mut Parse,
    berlin: &Berlin,
    phases: &[pb::Phase],
    transcription_until_day: &str,
) -> Option<Schedule> {
    if !(1..=MAX_PHASES).contains(&phases.len()) {
        parse.add("phases", Rule::Count(1, MAX_PHASES as u64).says(format!("must be 1 to {MAX_PHASES} phases")));
        return None;
    }
    let mut parsed = Vec::new();
    for (index, message) in phases.iter().enumerate() {
        let path = |field: &str| format!("phases[{index}].{field}");
        let kind = parse.word::<pb::PhaseKind, _>(&path("kind"), message.kind);
        let from = parse.day(&path("from_day"), &message.from_day);
        let to = parse.day(&path("to_day"), &message.to_day);
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            parse.add(&path("to_day"), Rule::Order.says("must not be before from_day"));
        }
        parsed.push(kind.zip(from.zip(to)));
    }
    let transcription = match transcription_until_day {
        "" => Some(None),
        text => parse.day("transcription_until_day", text).map(Some),
    };
    let phases: Option<Vec<_>> = parsed.into_iter().collect();
    let phases = phases?.into_iter().map(|(kind, (from, to))| Phase { kind, days: berlin.range(from, to) });
    let transcription = transcription?.map(|until| Transcription { until, closes: berlin.ends(until) });
    Some(Schedule::new(phases.collect(), transcription))
}
