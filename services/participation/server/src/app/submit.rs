use allmende_eventlog::{CommandError, Fault, Rehearsal, Request, Transaction};
use allmende_hosting::Answer;
use allmende_kernel::{Sealed, TenantId, Timestamp};
use allmende_participation_domain::contribution::{
    About, Attachment, Command, Context, Model, Place, Source, Submission, Target,
};
use allmende_participation_domain::{AttachmentId, CoarsePoint, ContributionId, ProcedureId, document, procedure};
use allmende_proto::participation::events::v1::ContributionText;
use bytes::Bytes;

use super::{App, refused, stream};
use crate::error::{Error, Rejection};
use crate::sealing::Part;
use crate::views::{Shown, Viewer};
use crate::wire::{Contribution, Document, Procedure};

/// A file that was sent with a text.
#[derive(Clone, PartialEq)]
pub(crate) struct Upload {
    pub(crate) id: AttachmentId,
    pub(crate) media_type: String,
    pub(crate) content: Bytes,
}

/// What somebody hands in.
#[derive(Clone, PartialEq)]
pub(crate) struct Submit {
    pub(crate) id: ContributionId,
    pub(crate) procedure: ProcedureId,
    pub(crate) about: About,
    pub(crate) source: Source,
    pub(crate) text: ContributionText,
    pub(crate) licence: Option<String>,
    pub(crate) place: Option<CoarsePoint>,
    pub(crate) uploads: Vec<Upload>,
}

/// What of it is sealed; nothing yet while it is only looked at whether it is taken.
struct Boxes {
    text: Sealed,
    place: Option<Place>,
    attachments: Vec<Attachment>,
}

impl Default for Boxes {
    fn default() -> Self {
        Self { text: Sealed::from_bytes([]), place: None, attachments: Vec::new() }
    }
}

impl App {
    /// Takes a text: whether it is in time is decided where it is stored, at the moment of admission.
    pub(crate) async fn submit(
        &self,
        tenant: &TenantId,
        viewer: &Viewer,
        request: &Request,
        submit: Submit,
    ) -> Result<Answer<Shown>, Error> {
        let id = submit.id;
        let (of_text, of_procedure) =
            (stream::<Model>(tenant, id), stream::<procedure::Model>(tenant, submit.procedure));
        self.commands.warm::<Procedure>(&of_procedure).await?;
        let submission = |boxes: &Boxes, at: Timestamp| Submission {
            procedure: submit.procedure,
            about: submit.about.clone(),
            source: submit.source,
            text: boxes.text.clone(),
            licence: submit.licence.clone(),
            place: boxes.place.clone(),
            attachments: boxes.attachments.clone(),
            at,
        };
        let decide = |transaction: &mut Transaction<'_>, submission| {
            let context = Context {
                target: target(transaction, tenant, &submit.about)?,
                procedure: transaction.state::<Procedure>(&of_procedure)?.clone(),
                theme: None,
            };
            let command = Command::Submit(submission);
            transaction.decide::<Contribution>(&of_text, &context, &command).map(|_| ()).map_err(refused)
        };
        // What is refused leaves neither a key nor a file behind; a key that loses a race is the one that the text gets
        // when it comes again.
        let (unsealed, mut kept) = (Boxes::default(), Vec::new());
        let taken = self.rehearse(request, |transaction, now| decide(transaction, submission(&unsealed, now))).await?;
        let token = match taken {
            Rehearsal::Done(done) => self.queries.seen(done.position),
            Rehearsal::Taken(()) => {
                let sealer = self.vault.sealer(tenant, id).await?;
                let (attachments, files): (Vec<_>, Vec<_>) =
                    self.keep(tenant, &sealer, &submit.uploads).await?.into_iter().unzip();
                let boxes = Boxes {
                    text: sealer.text(Part::Text, &submit.text)?,
                    place: submit.place.map(|place| sealer.place(place)).transpose()?,
                    attachments,
                };
                // Whoever hangs up from here on may have them named all the same.
                for file in files {
                    kept.push(Bytes::copy_from_slice(&file.named()));
                }
                let stored = self.change(request, |transaction, now| decide(transaction, submission(&boxes, now)));
                match stored.await {
                    Ok(token) => token,
                    Err(error) if error.stored_nothing() => {
                        self.remove_files(kept).await?;
                        return Err(error);
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        let shown = self.contribution(tenant, viewer, id, &token).await?;
        // The same request a second time, and the other one was faster.
        let named = shown.value.row.submission().attachments;
        kept.retain(|file| named.iter().all(|named| named.sealed_sha256 != file));
        self.remove_files(kept).await?;
        Ok(shown)
    }
}

/// What the rule for a comment knows of the thing that it is about.
fn target(transaction: &mut Transaction<'_>, tenant: &TenantId, about: &About) -> Result<Target, Fault> {
    Ok(match about {
        About::Idea | About::Proposal => Target::Unknown,
        About::SectionComment(section) | About::Amendment(section) => {
            let stream = stream::<document::Model>(tenant, section.document);
            transaction.state::<Document>(&stream)?.target(&section.section)
        }
        About::ProposalComment(proposal) => {
            transaction.state::<Contribution>(&stream::<Model>(tenant, *proposal))?.target()
        }
    })
}

/// A refusal's words, for closures that name no type.
pub(super) type Refused = CommandError<Rejection>;
