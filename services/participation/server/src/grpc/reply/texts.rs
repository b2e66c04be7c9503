use allmende_participation_domain::{Channel, CoarsePoint};
use allmende_proto::participation::events::v1 as stored;
use allmende_proto::participation::v1 as pb;

use super::id;
use crate::views::{Queued, Shown, SynopsisLine, Text};
use crate::wire::Word;

pub(crate) fn contribution(shown: Shown) -> pb::Contribution {
    let row = &shown.row;
    let submitted = row.submission();
    let response = response(&shown);
    pb::Contribution {
        contribution_id: shown.id.to_string(),
        procedure_id: id(&submitted.procedure_id),
        kind: kind(submitted.kind()).into(),
        target: target(&submitted),
        channel: channel(submitted.channel).into(),
        received_on: submitted.received_on.clone(),
        submitted_at_us: submitted.at_us,
        erased: row.erased || shown.text.is_none(),
        moderation: Some(moderation(&shown)),
        theme_id: id(&row.theme_id),
        place: shown.place.as_ref().and_then(place),
        attachments: submitted.attachments.iter().map(attachment).collect(),
        supports: shown.supports,
        supported: shown.supported,
        own: shown.own,
        response,
        proposal: proposal(&shown),
        accepted_at_us: row.accepted_at_us,
        project_id: id(&row.project_id),
        withdrawn_at_us: row.withdrawn_at_us,
        comments: shown.comments,
        licence: submitted.licence.clone(),
        text: shown.text.map(text),
        original: shown.original.map(text),
    }
}

pub(crate) fn queue_item(queued: Queued) -> pb::QueueItem {
    let since_us = queued.shown.row.waits_since_us;
    let report = |(reason, note, at_us)| pb::Report { reason, note, at_us };
    pb::QueueItem {
        reason: queued.reason.into(),
        reports: queued.reports.into_iter().map(report).collect(),
        contribution: Some(contribution(queued.shown)),
        since_us,
    }
}

pub(crate) fn synopsis_entry(line: SynopsisLine) -> pb::SynopsisEntry {
    let SynopsisLine { section_id, heading, shown } = line;
    let submitted = shown.row.submission();
    pb::SynopsisEntry {
        section_id,
        heading,
        contribution_id: shown.id.to_string(),
        kind: kind(submitted.kind()).into(),
        channel: channel(submitted.channel).into(),
        version: submitted.version,
        redacted: shown.row.moderation() == pb::ModerationState::Redacted,
        response: response(&shown),
        accepted: shown.row.accepted_at_us.is_some(),
        supports: shown.supports,
        text: shown.text.map(text),
    }
}

fn text(text: Text) -> pb::Text {
    let Text { title, body, proposed_text } = text;
    pb::Text { title, body, proposed_text }
}

fn kind(kind: stored::ContributionKind) -> pb::ContributionKind {
    match kind {
        stored::ContributionKind::Unspecified => pb::ContributionKind::Unspecified,
        stored::ContributionKind::Idea => pb::ContributionKind::Idea,
        stored::ContributionKind::Proposal => pb::ContributionKind::Proposal,
        stored::ContributionKind::Comment => pb::ContributionKind::Comment,
        stored::ContributionKind::Amendment => pb::ContributionKind::Amendment,
    }
}

fn channel(number: i32) -> pb::Channel {
    let channel = <Channel as Word<stored::Channel>>::of(number);
    channel.map_or(pb::Channel::Unspecified, Word::<pb::Channel>::message)
}

fn target(submitted: &stored::ContributionSubmitted) -> Option<pb::Target> {
    let target = if !submitted.document_id.is_empty() {
        pb::target::Target::Section(pb::SectionTarget {
            document_id: id(&submitted.document_id),
            section_id: submitted.section_id.clone(),
            version: submitted.version,
        })
    } else if !submitted.proposal_id.is_empty() {
        pb::target::Target::ProposalId(id(&submitted.proposal_id))
    } else {
        return None;
    };
    Some(pb::Target { target: Some(target) })
}

fn place(place: &stored::CoarsePoint) -> Option<pb::CoarsePoint> {
    let place = CoarsePoint::from_milli(place.latitude_milli, place.longitude_milli).ok()?;
    let (latitude, longitude) = place.degrees();
    Some(pb::CoarsePoint { latitude, longitude })
}

fn attachment(attachment: &stored::Attachment) -> pb::Attachment {
    pb::Attachment {
        attachment_id: id(&attachment.attachment_id),
        media_type: attachment.media_type.clone(),
        size_bytes: attachment.size_bytes,
    }
}

/// The state for everybody; reasons for author and staff.
fn moderation(shown: &Shown) -> pb::Moderation {
    let row = &shown.row;
    if !shown.with_reasons {
        return pb::Moderation { state: row.moderation, ..pb::Moderation::default() };
    }
    pb::Moderation {
        state: row.moderation,
        // The enums have the same numbers.
        reason: row.reason,
        note: shown.note.clone(),
        decided_at_us: row.decided_at_us,
        objection: row.objection,
        objection_note: shown.objection_note.clone(),
    }
}

/// The text's own answer, or that of its theme.
fn response(shown: &Shown) -> Option<pb::Response> {
    if let Some(answer) = &shown.row.answer {
        let response = |text| pb::Response { text, at_us: answer.at_us, theme_id: String::new() };
        return shown.answer.clone().map(response);
    }
    let answer = shown.theme_answer.as_ref()?;
    Some(pb::Response { text: answer.text.clone(), at_us: answer.at_us, theme_id: id(&shown.row.theme_id) })
}

fn proposal(shown: &Shown) -> Option<pb::ProposalStanding> {
    if shown.row.proposal() == pb::ProposalState::Unspecified {
        return None;
    }
    let answer = shown.row.proposal_answer.as_ref();
    Some(pb::ProposalStanding {
        state: shown.row.proposal,
        reasons: answer.and(shown.answer.clone()).unwrap_or_default(),
        cost_cents: answer.and_then(|answer| answer.cost_cents),
        answered_at_us: answer.map(|answer| answer.at_us),
        threshold_reached: shown.threshold_reached,
    })
}
