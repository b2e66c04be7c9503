use allmende_kernel::{Level, SubjectId, Timestamp};
use allmende_participation_domain::contribution::{About, SectionRef, Source};
use allmende_participation_domain::{Channel, CoarsePoint, ContributionId, ProcedureId};
use allmende_proto::participation::events::v1::ContributionText;
use allmende_proto::participation::v1 as pb;
use allmende_runtime::errors::Rule;

use super::attachments::uploads;
use super::{Parse, not_chosen};
use crate::app::Submit;
use crate::berlin::Berlin;

const TITLE: usize = 200;
const BODY: usize = 10_000;
const PROPOSED_TEXT: usize = 20_000;

/// The fields that all ways of handing something in share.
pub(crate) struct Submitted<'a> {
    pub(crate) contribution_id: &'a str,
    pub(crate) procedure_id: &'a str,
    pub(crate) text: Option<&'a pb::Text>,
    pub(crate) granted_licence: &'a str,
    pub(crate) place: Option<&'a pb::CoarsePoint>,
    pub(crate) attachments: &'a [pb::AttachmentUpload],
}

/// Who writes here, as the call proves it.
#[derive(Clone, Copy)]
pub(crate) struct Online {
    pub(crate) author: SubjectId,
    pub(crate) level: Level,
}

impl Online {
    /// With the channel that the request names: the web, if none.
    pub(crate) fn over(self, parse: &mut Parse, channel: i32) -> Option<Source> {
        let channel = match pb::Channel::try_from(channel) {
            Ok(pb::Channel::Unspecified | pb::Channel::Web) => Channel::Web,
            Ok(pb::Channel::App) => Channel::App,
            _ => {
                parse.add("channel", Rule::Value.says("must be CHANNEL_WEB or CHANNEL_APP"));
                return None;
            }
        };
        Some(Source::Online { author: self.author, level: self.level, channel })
    }
}

/// What came in elsewhere; not in the future.
pub(crate) fn transcribed(
    parse: &mut Parse,
    berlin: &Berlin,
    transcriber: SubjectId,
    (channel, received_on): (i32, &str),
    now: Timestamp,
) -> Option<Source> {
    let channel = parse.word::<pb::Channel, Channel>("channel", channel);
    if channel.is_some_and(Channel::is_online) {
        parse.add("channel", Rule::Value.says("must be one that is not online"));
    }
    let received_on = parse.day("received_on", received_on);
    let day_begins = received_on.map(|day| berlin.begins(day));
    if day_begins.is_some_and(|begins| begins > now) {
        parse.add("received_on", Rule::Moment.says("must not be in the future"));
    }
    Some(Source::Offline { transcriber, channel: channel?, received_on: received_on?, day_begins: day_begins? })
}

/// Puts a submission together.
pub(crate) fn submit(
    parse: &mut Parse,
    message: &Submitted<'_>,
    about: Option<About>,
    source: Option<Source>,
) -> Option<Submit> {
    let id: Option<ContributionId> = parse.id("contribution_id", message.contribution_id);
    let procedure: Option<ProcedureId> = parse.id("procedure_id", message.procedure_id);
    let text = text(parse, "text", message.text, about.as_ref());
    let licence = parse.line("granted_licence", message.granted_licence, 0..=100);
    let place = place(parse, message.place);
    let uploads = uploads(parse, id.map(|id| id.as_uuid()), message.attachments);
    Some(Submit {
        id: id?,
        procedure: procedure?,
        about: about?,
        source: source?,
        text: text?,
        licence: licence.filter(|licence| !licence.is_empty()),
        place: place?,
        uploads: uploads?,
    })
}

/// What a comment or an amendment is about, or what an idea or a proposal is.
pub(crate) fn about(parse: &mut Parse, kind: pb::ContributionKind, target: Option<&pb::Target>) -> Option<About> {
    use pb::target::Target;
    let target = target.and_then(|target| target.target.as_ref());
    match (kind, target) {
        (pb::ContributionKind::Idea, None) => Some(About::Idea),
        (pb::ContributionKind::Proposal, None) => Some(About::Proposal),
        (pb::ContributionKind::Comment, Some(Target::Section(section))) => {
            section_ref(parse, "target.section", section).map(About::SectionComment)
        }
        (pb::ContributionKind::Comment, Some(Target::ProposalId(id))) => {
            parse.id("target.proposal_id", id).map(About::ProposalComment)
        }
        (pb::ContributionKind::Amendment, Some(Target::Section(section))) => {
            section_ref(parse, "target.section", section).map(About::Amendment)
        }
        (pb::ContributionKind::Unspecified, _) => {
            parse.add("kind", not_chosen());
            None
        }
        (pb::ContributionKind::Idea | pb::ContributionKind::Proposal, Some(_)) => {
            parse.add("target", "must not be set for an idea or a proposal");
            None
        }
        (pb::ContributionKind::Comment | pb::ContributionKind::Amendment, _) => {
            parse.add("target", "must be set to what a comment or an amendment can be about");
            None
        }
    }
}

fn section_ref(parse: &mut Parse, path: &str, section: &pb::SectionTarget) -> Option<SectionRef> {
    let document = parse.id(&format!("{path}.document_id"), &section.document_id);
    let id = parse.section(&format!("{path}.section_id"), &section.section_id);
    Some(SectionRef { document: document?, section: id? })
}

/// A text as that kind of contribution has it.
fn text(parse: &mut Parse, path: &str, text: Option<&pb::Text>, about: Option<&About>) -> Option<ContributionText> {
    let Some(text) = text else {
        parse.add(path, "must be set");
        return None;
    };
    // Without a kind there is another violation already.
    let (title, body, proposed_text) = match about {
        Some(About::Proposal) => (1..=TITLE, 1..=BODY, 0..=0),
        Some(About::Idea) | None => (0..=TITLE, 1..=BODY, 0..=0),
        Some(About::SectionComment(_) | About::ProposalComment(_)) => (0..=TITLE, 1..=BODY, 0..=0),
        Some(About::Amendment(_)) => (0..=TITLE, 0..=BODY, 1..=PROPOSED_TEXT),
    };
    let title = parse.line(&format!("{path}.title"), &text.title, title);
    let body = parse.text(&format!("{path}.body"), &text.body, body);
    let proposed_text = parse.text(&format!("{path}.proposed_text"), &text.proposed_text, proposed_text);
    Some(ContributionText { title: title?, body: body?, proposed_text: proposed_text? })
}

/// A shortened wording: whatever is left of it, but something.
pub(crate) fn redacted(parse: &mut Parse, text: Option<&pb::Text>) -> Option<ContributionText> {
    let Some(text) = text else {
        parse.add("redacted_text", "must be set for MODERATION_DECISION_REDACT");
        return None;
    };
    let title = parse.line("redacted_text.title", &text.title, 0..=TITLE);
    let body = parse.text("redacted_text.body", &text.body, 0..=BODY);
    let proposed_text = parse.text("redacted_text.proposed_text", &text.proposed_text, 0..=PROPOSED_TEXT);
    let text = ContributionText { title: title?, body: body?, proposed_text: proposed_text? };
    if text == ContributionText::default() {
        parse.add("redacted_text", "must not be empty");
    }
    Some(text)
}

/// A place, rounded at once: neither stored nor logged as given.
fn place(parse: &mut Parse, place: Option<&pb::CoarsePoint>) -> Option<Option<CoarsePoint>> {
    let Some(place) = place else { return Some(None) };
    match CoarsePoint::nearest(place.latitude, place.longitude) {
        Ok(place) => Some(Some(place)),
        Err(_) => {
            parse.add("place", "must be degrees on Earth");
            None
        }
    }
}
