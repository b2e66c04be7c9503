use allmende_participation_domain::Channel;
use allmende_proto::participation::events::v1 as stored;
use allmende_proto::participation::v1 as pb;
use similar::ChangeTag;

use super::id;
use crate::app::{Change, Found, Place, SectionDiff};
use crate::views::{DocumentShown, ProcedureShown, ProjectShown, ThemeShown, VersionShown};
use crate::wire::Word;

pub(crate) fn procedure(shown: ProcedureShown) -> pb::Procedure {
    let now = shown.now.as_micros();
    let closed = shown.row.closed_at_us.is_some();
    let phases: Vec<pb::Phase> = shown.phases().iter().map(phase).collect();
    let open = phases.iter().filter(|phase| !closed && phase.from_us <= now && now < phase.to_us);
    let opened = shown.row.opened.unwrap_or_default();
    let transcription = opened.schedule.map(|schedule| schedule.transcription_until_day);
    let told = |status: stored::StatusPublished| pb::StatusUpdate { text: status.text, at_us: status.at_us };
    pb::Procedure {
        procedure_id: id(&shown.id),
        title: opened.title,
        summary: opened.summary,
        method: opened.method,
        // The enums have the same numbers.
        required_level: opened.required_level,
        open_phases: open.map(|phase| phase.kind).collect(),
        phases,
        transcription_until_day: transcription.unwrap_or_default(),
        counts_hidden: opened.counts_hidden,
        licence: opened.licence,
        supports_per_person: opened.supports_per_person,
        support_threshold: opened.support_threshold,
        opened_at_us: opened.at_us,
        closed_at_us: shown.row.closed_at_us,
        status: shown.row.status.into_iter().map(told).collect(),
        published_contributions: shown.published,
    }
}

fn phase(phase: &stored::Phase) -> pb::Phase {
    let days = phase.days.clone().unwrap_or_default();
    pb::Phase {
        kind: phase.kind,
        from_day: days.from_day,
        to_day: days.to_day,
        from_us: days.from_us,
        to_us: days.to_us,
    }
}

pub(crate) fn theme(shown: ThemeShown) -> pb::Theme {
    let defined = shown.row.defined.unwrap_or_default();
    let theme_id = id(&shown.id);
    let answer = shown.row.answer.map(|answer| pb::Response {
        text: answer.text,
        at_us: answer.at_us,
        theme_id: theme_id.clone(),
    });
    pb::Theme {
        procedure_id: id(&defined.procedure_id),
        theme_id,
        title: defined.title,
        description: defined.description,
        response: answer,
        contributions: shown.contributions,
    }
}

pub(crate) fn document(shown: DocumentShown) -> pb::Document {
    let now = shown.now.as_micros();
    let consultation = shown.row.consultation.map(|days| pb::Consultation {
        open: days.from_us <= now && now < days.to_us,
        from_day: days.from_day,
        to_day: days.to_day,
        from_us: days.from_us,
        to_us: days.to_us,
    });
    pb::Document {
        document_id: id(&shown.id),
        procedure_id: id(&shown.row.procedure_id),
        title: shown.row.title,
        latest_version: shown.row.latest_version,
        consultation,
    }
}

pub(crate) fn version(shown: VersionShown) -> pb::Version {
    let section = |(section, comments): (stored::Section, u32)| pb::Section {
        section_id: section.section_id,
        heading: section.heading,
        level: section.level,
        text: section.text,
        comments,
    };
    pb::Version {
        number: shown.number,
        published_at_us: shown.row.published_at_us,
        sections: shown.row.sections.into_iter().zip(shown.comments).map(section).collect(),
    }
}

pub(crate) fn section_diff(diff: SectionDiff) -> pb::SectionDiff {
    let span = |(tag, text)| {
        let operation = match tag {
            ChangeTag::Equal => pb::DiffOperation::Equal,
            ChangeTag::Insert => pb::DiffOperation::Inserted,
            ChangeTag::Delete => pb::DiffOperation::Deleted,
        };
        pb::DiffSpan { operation: operation.into(), text }
    };
    let change = match diff.change {
        Change::Unchanged => pb::SectionChange::Unchanged,
        Change::Changed => pb::SectionChange::Changed,
        Change::Added => pb::SectionChange::Added,
        Change::Removed => pb::SectionChange::Removed,
    };
    pb::SectionDiff {
        section_id: diff.id,
        heading: diff.heading,
        old_heading: diff.old_heading.unwrap_or_default(),
        change: change.into(),
        spans: diff.spans.into_iter().map(span).collect(),
    }
}

pub(crate) fn project(shown: ProjectShown) -> pb::Project {
    let started = shown.row.started.unwrap_or_default();
    let told = |update: stored::ProjectUpdated| pb::StatusUpdate { text: update.text, at_us: update.at_us };
    pb::Project {
        project_id: id(&shown.id),
        procedure_id: id(&started.procedure_id),
        title: started.title,
        summary: started.summary,
        // The enums have the same numbers.
        state: shown.row.state,
        status: shown.row.status.into_iter().map(told).collect(),
        contribution_ids: shown.row.contribution_ids.iter().map(|bytes| id(bytes)).collect(),
        started_at_us: started.at_us,
    }
}

/// `None` for a channel over which nothing came.
pub(crate) fn channel_reach(
    (channel, [received, published, answered]): (Channel, [u32; 3]),
) -> Option<pb::ChannelReach> {
    let channel = Word::<pb::Channel>::message(channel).into();
    (received > 0).then_some(pb::ChannelReach { channel, received, published, answered })
}

pub(crate) fn hit(found: Found) -> pb::SearchHit {
    use pb::search_hit::Thing;
    let thing = match found.place {
        Place::Contribution(id) => Thing::ContributionId(id.to_string()),
        Place::Procedure(id) => Thing::ProcedureId(id.to_string()),
        Place::Project(id) => Thing::ProjectId(id.to_string()),
        Place::Section(document, section, version) => Thing::Section(pb::SectionTarget {
            document_id: document.to_string(),
            section_id: section.to_string(),
            version,
        }),
    };
    // A snippet has a few hundred characters.
    let mark = |mark: std::ops::Range<usize>| pb::SnippetRange { start: mark.start as u32, end: mark.end as u32 };
    pb::SearchHit {
        thing: Some(thing),
        title: found.title,
        snippet: found.snippet,
        marks: found.marks.into_iter().map(mark).collect(),
    }
}
