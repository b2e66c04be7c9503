use allmende_eventlog::{CommandError, Fault, Rehearsal, Request, Transaction};
use allmende_hosting::Answer;
use allmende_kernel::{Sealed, TenantId, Timestamp};
use allmende_participation_domain::contribution::{
    About, Attachment, Command, Context, Model, Place, Source, Submission, Target,
};
use allmende_participation_domain::{AttachmentId, CoarsePoint, ContributionId, ProcedureId, document, procedure};
use allmende_proto::participation::events::v1::ContributionText;

use super::{App, refused, stream};
use crate::error::{Error, Rejection};
use crate::sealing::{Part, Sealer};
use crate::views::{Shown, Viewer};
use crate::wire::{Contribution, Document, Procedure};

/// A file that was sent with a text.
#[derive(Clone, PartialEq)]
pub(crate) struct Upload {
    pub(crate) id: AttachmentId,
    pub(crate) media_type: String,
    pub(crate) content: bytes::Bytes,
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
        let unsealed = Boxes::default();
        let taken = self.rehearse(request, |transaction, now| decide(transaction, submission(&unsealed, now))).await?;
        let token = match taken {
            Rehearsal::Done(done) => self.queries.seen(done.position),
            Rehearsal::Taken(()) => {
                let sealer = self.vault.sealer(tenant, id).await?;
                let boxes = Boxes {
                    text: sealer.text(Part::Text, &submit.text)?,
                    place: submit.place.map(|place| sealer.place(place)).transpose()?,
                    attachments: self.keep(&sealer, &submit.uploads).await?,
                };
                self.change(request, |transaction, now| decide(transaction, submission(&boxes, now))).await?
            }
        };
        self.contribution(tenant, viewer, id, &token).await
    }

    /// Seals files and makes them durable, before a commit names them.
    async fn keep(&self, sealer: &Sealer, uploads: &[Upload]) -> Result<Vec<Attachment>, Error> {
        let mut attachments = Vec::with_capacity(uploads.len());
        for Upload { id, media_type, content } in uploads {
            let sealed = sealer.seal(Part::Attachment(*id), content)?;
            let files = self.attachments.clone();
            let put = tokio::task::spawn_blocking(move || files.put(sealed.as_bytes()));
            let kept = put.await.unwrap_or_else(|_| Err(std::io::ErrorKind::Interrupted.into()));
            let sealed_sha256 = kept.map_err(Error::Attachment)?;
            let (media_type, size_bytes) = (media_type.clone(), content.len() as u64);
            attachments.push(Attachment { id: *id, media_type, size_bytes, sealed_sha256 });
        }
        Ok(attachments)
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
