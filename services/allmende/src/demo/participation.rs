//! Five procedures of a tenant, one in each phase: announced, collecting ideas, consulting on a text (in
//! [`super::consultation`]), evaluating proposals, and closed.

use allmende_proto::participation::v1 as pb;
use anyhow::Context as _;
use pb::PhaseKind::{Evaluation, Implementation, Information, Submission, Support};

use super::clients::Clients;
use super::consultation;
use super::people::Staff;
use super::scene::{Entry, Scene};
use super::seed::Seed;
use super::texts::Municipality;

/// Makes them. The token stands for everything in them.
pub(super) async fn fill(
    town: &Municipality,
    seed: &Seed,
    staff: &Staff,
    citizens: &[Clients],
) -> anyhow::Result<String> {
    let scene = |name| Scene { seed, staff, citizens, name };
    announce(town, &scene("announced")).await.context("the announced procedure")?;
    collect_ideas(town, &scene("ideas")).await.context("the call for ideas")?;
    consultation::hold(&town.text, &scene("consultation")).await.context("the consultation")?;
    close(town, &scene("closed")).await.context("the closed procedure")?;
    evaluate(town, &scene("proposals")).await.context("the proposals")
}

async fn announce(town: &Municipality, scene: &Scene<'_>) -> anyhow::Result<()> {
    let phases = [(Information, -3, 20), (Submission, 21, 50), (Evaluation, 51, 90)];
    scene.open(town.announced, "Ideenaufruf", &phases).await?;
    scene.tell("Die Vorbereitung läuft. Ab dem genannten Tag können Sie Ihre Ideen einreichen.").await?;
    Ok(())
}

async fn collect_ideas(town: &Municipality, scene: &Scene<'_>) -> anyhow::Result<()> {
    use pb::Channel::{Event, Letter, Phone, Postcard};
    let call = &town.ideas;
    scene.open((call.title, call.summary), "Ideenaufruf", &[(Submission, -14, 21), (Evaluation, 22, 60)]).await?;
    let mut ideas = Vec::new();
    for (number, (title, body)) in call.entries.iter().enumerate() {
        let mut entry = Entry::new(format!("idea {number}"), pb::ContributionKind::Idea, title, body);
        entry.place = Some(place(town, number));
        let offline = [Letter, Postcard, Event, Phone];
        ideas.push(match number.checked_sub(2) {
            Some(number) => scene.enter(offline[number % offline.len()], -3, &entry).await?,
            None => scene.hand_in(number, &entry).await?,
        });
    }
    for idea in &ideas {
        scene.publish(idea).await?;
    }
    if let [first, second, third, ..] = ideas.as_slice() {
        scene.answer_theme(call.theme, &[first.clone(), second.clone()], call.answer).await?;
        scene.answer(third, "Vielen Dank für Ihren Brief. Wir nehmen die Anregung in die Prüfung auf.").await?;
        report(scene, second).await?;
    }
    wait_for_moderation(scene).await
}

/// One idea that nobody has looked at, one that was rejected and whose author objects, and one that was shortened.
async fn wait_for_moderation(scene: &Scene<'_>) -> anyhow::Result<()> {
    let idea = |name, title, body| Entry::new(name, pb::ContributionKind::Idea, title, body);
    let body = "An der Haltestelle fehlt ein Platz zum Ausruhen. Eine Bank mit Lehne würde vielen helfen.";
    scene.hand_in(3, &idea("unseen", "Eine Bank an der Haltestelle", body)).await?;
    let body = "Unser Betrieb bietet Fenster zu besten Preisen. Das Rathaus sollte sie auch haben!";
    let rejected = scene.hand_in(4, &idea("rejected", "Neue Fenster", body)).await?;
    let because = (pb::ModerationReason::Advertising, "Werbung veröffentlichen wir nicht.");
    scene.moderate(&rejected, pb::ModerationDecision::Reject, Some(because), None).await?;
    let objection = pb::ObjectToModerationRequest {
        tenant: scene.tenant(),
        request_id: scene.request_id("object"),
        contribution_id: rejected,
        note: "Es ging mir um die Dämmung des Rathauses. Bitte prüfen Sie das noch einmal.".to_owned(),
    };
    scene.citizen(4).participation().object_to_moderation(objection).await.context("objecting")?;
    let body = "Der Gehweg vor meinem Haus ist kaputt. Rufen Sie mich an: 0000 000000.";
    let shortened = scene.hand_in(5, &idea("shortened", "Gehweg reparieren", body)).await?;
    let because = (pb::ModerationReason::PersonalData, "Ihre Telefonnummer haben wir nicht veröffentlicht.");
    let text = pb::Text {
        title: "Gehweg reparieren".to_owned(),
        body: "Der Gehweg vor meinem Haus ist kaputt. […]".to_owned(),
        proposed_text: String::new(),
    };
    scene.moderate(&shortened, pb::ModerationDecision::Redact, Some(because), Some(text)).await
}

async fn report(scene: &Scene<'_>, contribution: &str) -> anyhow::Result<()> {
    let request = pb::ReportContributionRequest {
        tenant: scene.tenant(),
        request_id: scene.request_id("report"),
        contribution_id: contribution.to_owned(),
        reason: pb::ModerationReason::Duplicate.into(),
        note: "Das gab es schon einmal.".to_owned(),
    };
    scene.citizen(6).participation().report_contribution(request).await.context("reporting")?;
    Ok(())
}

async fn evaluate(town: &Municipality, scene: &Scene<'_>) -> anyhow::Result<String> {
    let call = &town.proposals;
    let taken = [(Submission, -30, 14), (Support, -30, 14), (Evaluation, 15, 60)];
    scene.open((call.title, call.summary), "Bürgervorschläge", &taken).await?;
    let mut proposals = Vec::new();
    for (number, (title, body)) in call.entries.iter().enumerate() {
        let mut entry = Entry::new(format!("proposal {number}"), pb::ContributionKind::Proposal, title, body);
        entry.place = Some(place(town, number));
        let proposal = scene.hand_in(number, &entry).await?;
        scene.publish(&proposal).await?;
        scene.support(&proposal, [8, 6, 2][number % 3]).await?;
        proposals.push(proposal);
    }
    if let [first, second, ..] = proposals.as_slice() {
        let target = Some(pb::Target { target: Some(pb::target::Target::ProposalId(first.clone())) });
        for (citizen, body) in [
            (5, "Das unterstütze ich sehr. Bitte denken Sie auch an Menschen im Rollstuhl."),
            (6, "Gute Sache, aber wer kümmert sich danach darum?"),
        ] {
            let mut comment = Entry::new(format!("comment {citizen}"), pb::ContributionKind::Comment, "", body);
            comment.target = target.clone();
            let comment = scene.hand_in(citizen, &comment).await?;
            if citizen == 5 {
                scene.publish(&comment).await?;
            }
        }
        scene.answer_theme(call.theme, &proposals, "Alle Vorschläge dieses Themas werden gemeinsam geprüft.").await?;
        for proposal in [first, second] {
            start_evaluation(scene, proposal).await?;
        }
        accept(scene, first, call.answer).await?;
    }
    scene.move_on(&[(Submission, -75, -46), (Support, -45, -1), (Evaluation, 0, 45)]).await?;
    scene.tell("Die Vorschläge werden geprüft. Die ersten Antworten sind veröffentlicht.").await
}

async fn start_evaluation(scene: &Scene<'_>, proposal: &str) -> anyhow::Result<()> {
    let request = pb::StartEvaluationRequest {
        tenant: scene.tenant(),
        request_id: scene.request_id(&format!("evaluate {proposal}")),
        procedure_id: scene.procedure_id(),
        contribution_id: proposal.to_owned(),
    };
    scene.staff.administration.participation().start_evaluation(request).await.context("evaluating")?;
    Ok(())
}

async fn accept(scene: &Scene<'_>, proposal: &str, reasons: &str) -> anyhow::Result<()> {
    let request = pb::AnswerProposalRequest {
        tenant: scene.tenant(),
        request_id: scene.request_id(&format!("accept {proposal}")),
        procedure_id: scene.procedure_id(),
        contribution_id: proposal.to_owned(),
        accepted: true,
        reasons: reasons.to_owned(),
        cost_cents: Some(1_250_000),
    };
    scene.staff.administration.participation().answer_proposal(request).await.context("answering a proposal")?;
    Ok(())
}

async fn close(town: &Municipality, scene: &Scene<'_>) -> anyhow::Result<()> {
    let call = &town.closed;
    scene.open((call.title, call.summary), "Ideenaufruf", &[(Submission, -300, 14), (Evaluation, 15, 30)]).await?;
    let mut ideas = Vec::new();
    for (number, (title, body)) in call.entries.iter().enumerate() {
        let entry = Entry::new(format!("idea {number}"), pb::ContributionKind::Idea, title, body);
        let idea = match number {
            0 => scene.enter(pb::Channel::Postcard, -260, &entry).await?,
            _ => scene.hand_in(number, &entry).await?,
        };
        scene.publish(&idea).await?;
        ideas.push(idea);
    }
    scene.answer_theme(call.theme, &ideas, call.answer).await?;
    scene.carry_out(town.project, &ideas).await?;
    let phases = [(Submission, -300, -240), (Evaluation, -239, -180), (Implementation, -179, -10)];
    scene.move_on(&phases).await?;
    let request = pb::CloseProcedureRequest {
        tenant: scene.tenant(),
        request_id: scene.request_id("close"),
        procedure_id: scene.procedure_id(),
        reason: "Alle Ideen sind beantwortet, das Vorhaben ist umgesetzt.".to_owned(),
    };
    scene.staff.administration.participation().close_procedure(request).await.context("closing")?;
    Ok(())
}

/// A place near the middle of the tenant.
fn place(town: &Municipality, number: usize) -> pb::CoarsePoint {
    let step = number as f64 * 0.004;
    pb::CoarsePoint { latitude: town.latitude + step, longitude: town.longitude - step / 2.0 }
}
