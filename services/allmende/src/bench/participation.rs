//! `allmende bench participation`: many people at once over gRPC, clients and server on the same cores.
//!
//! The service stands alone, with a sign-in of its own: a token is a person's number. Everything behind that is as in
//! the platform: the table of rules, the log with its syncs, keys in files.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use allmende_hosting::Ports;
use allmende_instrumentation::Metrics;
use allmende_kernel::{Level, Role, SubjectId};
use allmende_keyring::{FileKeyring, Options as KeyringOptions, Places};
use allmende_participation::{AUTHORIZATION, Config, Participation};
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_proto::participation::v1 as pb;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use allmende_runtime::authorize::{Authenticator, Denied, Grant, Principal, Scope, Table};
use allmende_runtime::clock::SystemClock;
use allmende_runtime::drain::Drain;
use allmende_runtime::installation::Installation;
use allmende_runtime::serve;
use jiff::civil::Date;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use uuid::Uuid;

use super::report::{Case, round};
use crate::cli::BenchOptions;

const TENANT: &str = "bench";
const LICENCE: &str = "dl-de/by-2-0";
const CLIENTS: u64 = 64;
const PROPOSALS: usize = 200;
const COMMENTS: usize = 10_000;
const LONG_ENOUGH: Duration = Duration::from_secs(10);
const PAGES: usize = 200;

type Client = ParticipationServiceClient<Channel>;

/// A token is a number, and its holder may do everything.
struct Numbers;

impl Authenticator for Numbers {
    fn authenticate(&self, token: &str) -> Result<Principal, Denied> {
        let number: u64 = token.parse().map_err(|_| Denied::Unauthenticated)?;
        let grant = Grant { role: Role::PlatformOperator, scope: Scope::AllTenants };
        let subject = Some(SubjectId::new(Uuid::from_u64_pair(0x42, number)));
        Ok(Principal { subject, level: Level::Email, grants: [grant].into() })
    }
}

/// Runs all cases.
pub(super) fn run(options: &BenchOptions) -> anyhow::Result<()> {
    let scratch = tempfile::tempdir_in(&options.folder)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(measure(options, scratch.path()))
}

async fn measure(options: &BenchOptions, data: &Path) -> anyhow::Result<()> {
    let metrics = Metrics::new();
    let ports = Ports {
        data: data.to_owned(),
        clock: Arc::new(SystemClock),
        installation: Arc::new(Installation::open(data)?),
        metrics: metrics.clone(),
    };
    let keyring = Arc::new(FileKeyring::open(&Places::under(data), KeyringOptions::default())?);
    let participation = Participation::start(Config::default(), ports, keyring).await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let endpoint = Endpoint::from_shared(format!("http://{}", listener.local_addr()?))?.tcp_nodelay(true);
    let drain = Drain::new(Duration::from_secs(20));
    let table = Table::new(&[AUTHORIZATION]);
    let server = serve::Server::new(serve::Config::default(), table, Numbers, metrics, FILE_DESCRIPTOR_SET)
        .with_service(participation.service());
    let server = tokio::spawn(server.serve(listener, participation.ready(), drain.draining()));

    let mut clients = Vec::new();
    for _ in 0..CLIENTS {
        clients.push(Client::new(endpoint.connect().await?));
    }
    let procedure = Procedure::open(&mut clients[0].clone()).await?;
    supports(options, &clients, &procedure).await?;
    long_thread(options, &clients, &procedure).await?;
    drop(clients);
    drain.begin();
    server.await??;
    participation.close().await?;
    Ok(())
}

fn id() -> String {
    Uuid::now_v7().to_string()
}

/// A message of one person.
fn by<T>(person: u64, message: T) -> Result<Request<T>, Status> {
    let mut request = Request::new(message);
    let token = format!("Bearer {person}").parse().map_err(|_| Status::internal("a number is a token"))?;
    request.metadata_mut().insert("authorization", token);
    Ok(request)
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
        client.open_procedure(by(0, opening)?).await?;
        let draft = pb::PublishDraftRequest {
            tenant: TENANT.into(),
            request_id: id(),
            procedure_id: procedure.id.clone(),
            document_id: procedure.document.clone(),
            title: "Bench".into(),
            markdown: "# Section\nText.\n".into(),
        };
        client.publish_draft(by(0, draft)?).await?;
        let consultation = pb::OpenConsultationRequest {
            tenant: TENANT.into(),
            request_id: id(),
            procedure_id: procedure.id.clone(),
            document_id: procedure.document.clone(),
            from_day,
            to_day,
        };
        client.open_consultation(by(0, consultation)?).await?;
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
        client.moderate_contribution(by(0, decision)?).await?;
        Ok(())
    }

    async fn proposal(&self, client: &mut Client) -> anyhow::Result<String> {
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
        client.submit_proposal(by(0, proposal)?).await?;
        self.publish(client, contribution_id.clone()).await?;
        Ok(contribution_id)
    }

    async fn comment(&self, client: &mut Client, person: u64) -> anyhow::Result<()> {
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
        client.post_comment(by(person, comment)?).await?;
        self.publish(client, contribution_id).await
    }
}

/// Each client supports as fast as it is answered, every time as another person.
async fn supports(options: &BenchOptions, clients: &[Client], procedure: &Procedure) -> anyhow::Result<()> {
    let mut proposals = Vec::new();
    for _ in 0..PROPOSALS {
        proposals.push(procedure.proposal(&mut clients[0].clone()).await?);
    }
    let (proposals, began) = (Arc::new(proposals), Instant::now());
    let mut supporting = JoinSet::new();
    for (number, client) in (0..).zip(clients) {
        let (mut client, proposals) = (client.clone(), Arc::clone(&proposals));
        supporting.spawn(async move {
            let mut times = Vec::new();
            while began.elapsed() < LONG_ENOUGH {
                let person = number << 32 | times.len() as u64;
                let support = pb::SupportContributionRequest {
                    tenant: TENANT.into(),
                    request_id: id(),
                    contribution_id: proposals[person as usize % PROPOSALS].clone(),
                };
                let asked = Instant::now();
                client.support_contribution(by(person, support)?).await?;
                times.push(asked.elapsed());
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

/// The first page of a section that has many comments.
async fn long_thread(options: &BenchOptions, clients: &[Client], procedure: &Procedure) -> anyhow::Result<()> {
    let (next, began) = (Arc::new(AtomicU64::new(0)), Instant::now());
    let mut posting = JoinSet::new();
    for client in clients {
        let (mut client, procedure, next) = (client.clone(), procedure.clone(), Arc::clone(&next));
        posting.spawn(async move {
            loop {
                match next.fetch_add(1, Ordering::Relaxed) {
                    person if person < COMMENTS as u64 => procedure.comment(&mut client, person).await?,
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
    let (mut client, mut times) = (clients[0].clone(), Vec::new());
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
    Case::new("first page of 10,000 comments").latencies(times).print(options.json);
    Ok(())
}
