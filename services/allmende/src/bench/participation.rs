//! `allmende bench participation`: many people at once, over the whole platform, clients and server on the same cores.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use allmende_hosting::cluster;
use allmende_proto::opendata::v1::GetPublisherRequest;
use allmende_proto::opendata::v1::catalog_service_client::CatalogServiceClient;
use allmende_proto::participation::v1 as pb;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use jiff::civil::Date;
use tokio::task::JoinSet;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

use super::platform::{self, Running, SignIn};
use super::report::{Case, round};
use crate::cli::{BenchOptions, ServiceBenchOptions};
use crate::client::Token;

const TENANT: &str = "bench";
const LICENCE: &str = "dl-de/by-2-0";
const CLIENTS: usize = 64;
/// What each person supports, before the next one signs in at the same client.
const PROPOSALS: usize = 200;
const COMMENTS: usize = 10_000;
const LONG_ENOUGH: Duration = Duration::from_secs(10);
const PAGES: usize = 200;
/// How often it is measured when somebody else sees a command.
const LOOKS: usize = 500;

type Client = ParticipationServiceClient<InterceptedService<Channel, Token>>;

/// Runs all cases.
pub(super) fn run(options: &ServiceBenchOptions) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir_in(&options.bench.folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(options, &scratch.path().join("data")))
}

/// The platform as clients see it, each with a connection of its own.
struct Town {
    channels: Vec<Channel>,
    operator: Token,
    people: SignIn,
}

impl Town {
    fn staff(&self, client: usize) -> Client {
        ParticipationServiceClient::with_interceptor(self.channels[client % CLIENTS].clone(), self.operator.clone())
    }

    fn person(&self, client: usize, person: u64) -> anyhow::Result<Client> {
        Ok(ParticipationServiceClient::with_interceptor(
            self.channels[client % CLIENTS].clone(),
            self.people.token(person)?,
        ))
    }
}

async fn measure(options: &ServiceBenchOptions, data: &Path) -> anyhow::Result<()> {
    let nats =
        cluster::Config { servers: options.nats.clone(), replicas: options.replicas, ..cluster::Config::default() };
    let (running, options) = (Running::start(data, nats).await?, &options.bench);
    let endpoint = Endpoint::from_shared(running.url())?.tcp_nodelay(true);
    let mut channels = Vec::new();
    for _ in 0..CLIENTS {
        channels.push(endpoint.connect().await?);
    }
    let town = Arc::new(Town { channels, operator: running.token.clone(), people: SignIn::new() });
    running.found(TENANT).await?;
    let procedure = Procedure::open(&mut town.staff(0)).await?;
    let mut proposals = Vec::new();
    for _ in 0..PROPOSALS {
        proposals.push(procedure.proposal(&town).await?);
    }
    let proposals = Arc::new(proposals);
    visible_elsewhere(options, &town, &proposals).await?;
    supports(options, &town, &proposals).await?;
    long_thread(options, &town, &procedure, &running.serving.http.to_string()).await?;
    drop(town);
    running.stop().await
}

fn id() -> String {
    Uuid::now_v7().to_string()
}

#[derive(Clone)]
struct Procedure {
    id: String,
    document: String,
}

impl Procedure {
    /// One with everything open, from yesterday to in a month.
    async fn open(client: &mut Client) -> anyhow::Result<Self> {
        let procedure = Self { id: id(), document: id() };
        let today: Date = jiff::Timestamp::now().to_string().get(..10).unwrap_or_default().parse()?;
        let (from_day, to_day) = (today.yesterday()?.to_string(), today.last_of_month().tomorrow()?.to_string());
        let phase = |kind: pb::PhaseKind| pb::Phase {
            kind: kind.into(),
            from_day: from_day.clone(),
            to_day: to_day.clone(),
            from_us: 0,
            to_us: 0,
        };
        let opening = pb::OpenProcedureRequest {
            tenant: TENANT.into(),
            request_id: id(),
            procedure_id: procedure.id.clone(),
            title: "Bench".into(),
            method: "Bench".into(),
            required_level: pb::SignInLevel::Email.into(),
            phases: vec![phase(pb::PhaseKind::Submission), phase(pb::PhaseKind::Support)],
            licence: LICENCE.into(),
            ..Default::default()
        };
        client.open_procedure(opening).await?;
        let draft = pb::PublishDraftRequest {
            tenant: TENANT.into(),
            request_id: id(),
            procedure_id: procedure.id.clone(),
            document_id: procedure.document.clone(),
            title: "Bench".into(),
            markdown: "# Section\nText.\n".into(),
        };
        client.publish_draft(draft).await?;
        let consultation = pb::OpenConsultationRequest {
            tenant: TENANT.into(),
            request_id: id(),
            procedure_id: procedure.id.clone(),
            document_id: procedure.document.clone(),
            from_day,
            to_day,
        };
        client.open_consultation(consultation).await?;
        Ok(procedure)
    }

    async fn publish(&self, client: &mut Client, contribution_id: String) -> anyhow::Result<()> {
        let decision = pb::ModerateContributionRequest {
            tenant: TENANT.into(),
            request_id: id(),
            procedure_id: self.id.clone(),
            contribution_id,
            decision: pb::ModerationDecision::Publish.into(),
            ..Default::default()
        };
        client.moderate_contribution(decision).await?;
        Ok(())
    }

    async fn proposal(&self, town: &Town) -> anyhow::Result<String> {
        let contribution_id = id();
        let text = pb::Text { title: "A bench".into(), body: "By the river.".into(), ..Default::default() };
        let proposal = pb::SubmitProposalRequest {
            tenant: TENANT.into(),
            request_id: id(),
            contribution_id: contribution_id.clone(),
            procedure_id: self.id.clone(),
            text: Some(text),
            granted_licence: LICENCE.into(),
            ..Default::default()
        };
        town.person(0, 0)?.submit_proposal(proposal).await?;
        self.publish(&mut town.staff(0), contribution_id.clone()).await?;
        Ok(contribution_id)
    }

    async fn comment(&self, town: &Town, client: usize, person: u64) -> anyhow::Result<()> {
        let contribution_id = id();
        let section =
            pb::SectionTarget { document_id: self.document.clone(), section_id: "section".into(), version: 0 };
        let body = "More benches by the river, and some of them in the shade. ".repeat(5);
        let comment = pb::PostCommentRequest {
            tenant: TENANT.into(),
            request_id: id(),
            contribution_id: contribution_id.clone(),
            procedure_id: self.id.clone(),
            target: Some(pb::Target { target: Some(pb::target::Target::Section(section)) }),
            text: Some(pb::Text { body, ..Default::default() }),
            granted_licence: LICENCE.into(),
            ..Default::default()
        };
        town.person(client, person)?.post_comment(comment).await?;
        self.publish(&mut town.staff(client), contribution_id).await
    }
}

fn support(proposals: &[String], number: usize) -> pb::SupportContributionRequest {
    pb::SupportContributionRequest {
        tenant: TENANT.into(),
        request_id: id(),
        contribution_id: proposals[number % PROPOSALS].clone(),
    }
}

/// Each client supports as fast as it is answered: one person everything, then the next one.
async fn supports(options: &BenchOptions, town: &Arc<Town>, proposals: &Arc<Vec<String>>) -> anyhow::Result<()> {
    let began = Instant::now();
    let mut supporting = JoinSet::new();
    for number in 0..CLIENTS {
        let (town, proposals) = (Arc::clone(town), Arc::clone(proposals));
        supporting.spawn(async move {
            let mut times = Vec::new();
            for person in 1_u64.. {
                let mut client = town.person(number, person * CLIENTS as u64 + number as u64)?;
                for proposal in 0..PROPOSALS {
                    if began.elapsed() >= LONG_ENOUGH {
                        return anyhow::Ok(times);
                    }
                    let asked = Instant::now();
                    client.support_contribution(support(&proposals, proposal)).await?;
                    times.push(asked.elapsed());
                }
            }
            anyhow::Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(done) = supporting.join_next().await {
        times.extend(done??);
    }
    let rate = times.len() as f64 / began.elapsed().as_secs_f64();
    let case = Case { events_per_s: Some(round(rate)), ..Case::new("supports, 64 clients") };
    case.latencies(times).print(options.json);
    Ok(())
}

/// From participation's answer to that of open data, which follows it, once it shows the same.
async fn visible_elsewhere(options: &BenchOptions, town: &Town, proposals: &[String]) -> anyhow::Result<()> {
    let mut catalogue = CatalogServiceClient::with_interceptor(town.channels[1].clone(), town.operator.clone());
    let mut times = Vec::new();
    for number in 0..LOOKS {
        let mut client = town.person(0, (number / PROPOSALS) as u64)?;
        let consistency_token =
            client.support_contribution(support(proposals, number)).await?.into_inner().consistency_token;
        let answered = Instant::now();
        // Nothing is known of a publisher, which is told as soon as the token's position is reached.
        let asked = GetPublisherRequest { tenant: TENANT.into(), consistency_token };
        match catalogue.get_publisher(asked).await {
            Err(status) if status.code() != tonic::Code::NotFound => return Err(status.into()),
            _ => times.push(answered.elapsed()),
        }
    }
    Case::new("a command of participation, visible in open data").latencies(times).print(options.json);
    Ok(())
}

/// The first page of a section that has many comments.
async fn long_thread(
    options: &BenchOptions,
    town: &Arc<Town>,
    procedure: &Procedure,
    http: &str,
) -> anyhow::Result<()> {
    let (next, began) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let mut posting = JoinSet::new();
    for client in 0..CLIENTS {
        let (town, procedure, next) = (Arc::clone(town), procedure.clone(), Arc::clone(&next));
        posting.spawn(async move {
            loop {
                match next.fetch_add(1, Ordering::Relaxed) {
                    person if person < COMMENTS as u64 => procedure.comment(&town, client, person).await?,
                    _ => return anyhow::Ok(()),
                }
            }
        });
    }
    while let Some(done) = posting.join_next().await {
        done??;
    }
    let rate = COMMENTS as f64 / began.elapsed().as_secs_f64();
    Case::new("comments, posted and published").with("comments_per_s", round(rate)).print(options.json);

    let (mut client, mut times) = (town.staff(0), Vec::new());
    for _ in 0..PAGES {
        let thread = pb::ListSectionThreadRequest {
            tenant: TENANT.into(),
            document_id: procedure.document.clone(),
            section_id: "section".into(),
            ..Default::default()
        };
        let asked = Instant::now();
        client.list_section_thread(thread).await?;
        times.push(asked.elapsed());
    }
    Case::new("first page of 10,000 comments, gRPC").latencies(times).print(options.json);

    let page = format!("/{TENANT}/texte/{}/abschnitte/section", procedure.document);
    let mut times = Vec::new();
    for _ in 0..PAGES {
        let asked = Instant::now();
        let html = platform::get(http, &page).await?;
        times.push(asked.elapsed());
        anyhow::ensure!(html.contains("More benches by the river"), "a page without comments");
    }
    Case::new("first page of 10,000 comments, HTML").latencies(times).print(options.json);
    Ok(())
}
