//! A procedure and the people in it: each deed is one request.

use allmende_proto::participation::v1 as pb;
use anyhow::Context as _;

use super::clients::Clients;
use super::people::Staff;
use super::seed::Seed;

pub(super) const LICENCE: &str = "dl-de/by-2-0";

/// A procedure of a tenant, by a name that tells it from the tenant's others.
pub(super) struct Scene<'a> {
    pub(super) seed: &'a Seed,
    pub(super) staff: &'a Staff,
    pub(super) citizens: &'a [Clients],
    pub(super) name: &'static str,
}

/// Phases by their kind and their first and last day, counted from the registration.
pub(super) type Phases<'a> = &'a [(pb::PhaseKind, i64, i64)];

/// What somebody hands in.
pub(super) struct Entry<'a> {
    /// Tells it from others of the procedure.
    pub(super) name: String,
    pub(super) kind: pb::ContributionKind,
    pub(super) target: Option<pb::Target>,
    pub(super) title: &'a str,
    pub(super) body: &'a str,
    pub(super) place: Option<pb::CoarsePoint>,
}

impl<'a> Entry<'a> {
    pub(super) fn new(name: impl Into<String>, kind: pb::ContributionKind, title: &'a str, body: &'a str) -> Self {
        Self { name: name.into(), kind, target: None, title, body, place: None }
    }
}

impl Scene<'_> {
    pub(super) fn tenant(&self) -> String {
        self.seed.tenant()
    }

    pub(super) fn procedure_id(&self) -> String {
        self.seed.id(self.name)
    }

    /// The id of a thing in the procedure.
    pub(super) fn id(&self, thing: &str) -> String {
        self.seed.id(&format!("{}/{thing}", self.name))
    }

    pub(super) fn request_id(&self, deed: &str) -> String {
        self.seed.request_id(&format!("{}/{deed}", self.name))
    }

    pub(super) fn citizen(&self, number: usize) -> &Clients {
        &self.citizens[number % self.citizens.len()]
    }

    fn phases(&self, phases: Phases<'_>) -> Vec<pb::Phase> {
        let phase = |(kind, from, to): &(pb::PhaseKind, i64, i64)| pb::Phase {
            kind: (*kind).into(),
            from_day: self.seed.day(*from),
            to_day: self.seed.day(*to),
            ..Default::default()
        };
        phases.iter().map(phase).collect()
    }

    pub(super) async fn open(
        &self,
        (title, summary): (&str, &str),
        method: &str,
        phases: Phases<'_>,
    ) -> anyhow::Result<()> {
        let last = phases.iter().map(|(_, _, to)| *to).max().unwrap_or_default();
        let request = pb::OpenProcedureRequest {
            tenant: self.tenant(),
            request_id: self.request_id("open"),
            procedure_id: self.procedure_id(),
            title: title.to_owned(),
            summary: summary.to_owned(),
            method: method.to_owned(),
            required_level: pb::SignInLevel::Email.into(),
            phases: self.phases(phases),
            transcription_until_day: self.seed.day(last),
            counts_hidden: false,
            licence: LICENCE.to_owned(),
            supports_per_person: 0,
            support_threshold: 5,
        };
        self.staff.administration.participation().open_procedure(request).await.context("opening a procedure")?;
        Ok(())
    }

    /// Puts the phases where they would have been: what a demo's people write, they write at its start.
    pub(super) async fn move_on(&self, phases: Phases<'_>) -> anyhow::Result<()> {
        let request = pb::AmendPhasesRequest {
            tenant: self.tenant(),
            request_id: self.request_id("move on"),
            procedure_id: self.procedure_id(),
            phases: self.phases(phases),
            transcription_until_day: String::new(),
            reason: "Demodaten: Das Verfahren wurde an einem Tag erzeugt und danach in diese Phase versetzt."
                .to_owned(),
        };
        self.staff.administration.participation().amend_phases(request).await.context("amending phases")?;
        Ok(())
    }

    /// A citizen hands something in over web or app.
    pub(super) async fn hand_in(&self, citizen: usize, entry: &Entry<'_>) -> anyhow::Result<String> {
        let mut client = self.citizen(citizen).participation();
        let contribution_id = self.id(&entry.name);
        let (tenant, request_id) = (self.tenant(), self.request_id(&format!("hand in {}", entry.name)));
        let (procedure_id, granted_licence) = (self.procedure_id(), LICENCE.to_owned());
        let channel = if citizen.is_multiple_of(2) { pb::Channel::Web } else { pb::Channel::App }.into();
        let text = Some(text(entry));
        let (place, attachments, id) = (entry.place, Vec::new(), contribution_id.clone());
        let done = match entry.kind {
            pb::ContributionKind::Proposal => client
                .submit_proposal(pb::SubmitProposalRequest {
                    tenant,
                    request_id,
                    contribution_id,
                    procedure_id,
                    text,
                    channel,
                    granted_licence,
                    place,
                    attachments,
                })
                .await
                .map(drop),
            pb::ContributionKind::Comment => client
                .post_comment(pb::PostCommentRequest {
                    tenant,
                    request_id,
                    contribution_id,
                    procedure_id,
                    target: entry.target.clone(),
                    text,
                    channel,
                    granted_licence,
                    attachments,
                })
                .await
                .map(drop),
            _ => client
                .submit_contribution(pb::SubmitContributionRequest {
                    tenant,
                    request_id,
                    contribution_id,
                    procedure_id,
                    text,
                    channel,
                    granted_licence,
                    place,
                    attachments,
                })
                .await
                .map(drop),
        };
        done.with_context(|| format!("handing in {} of {}", entry.name, self.name))?;
        Ok(id)
    }

    /// Staff enter what came by letter, postcard, telephone or at an event.
    pub(super) async fn enter(&self, channel: pb::Channel, day: i64, entry: &Entry<'_>) -> anyhow::Result<String> {
        let contribution_id = self.id(&entry.name);
        let request = pb::TranscribeOfflineContributionRequest {
            tenant: self.tenant(),
            request_id: self.request_id(&format!("enter {}", entry.name)),
            contribution_id: contribution_id.clone(),
            procedure_id: self.procedure_id(),
            kind: entry.kind.into(),
            target: entry.target.clone(),
            channel: channel.into(),
            received_on: self.seed.day(day),
            text: Some(text(entry)),
            // Most who write a letter say nothing about licences.
            granted_licence: String::new(),
            place: entry.place,
            attachments: Vec::new(),
        };
        let mut client = self.staff.moderation.participation();
        let entered = client.transcribe_offline_contribution(request).await;
        entered.with_context(|| format!("entering {} of {}", entry.name, self.name))?;
        Ok(contribution_id)
    }
}

fn text(entry: &Entry<'_>) -> pb::Text {
    pb::Text { title: entry.title.to_owned(), body: entry.body.to_owned(), proposed_text: String::new() }
}
