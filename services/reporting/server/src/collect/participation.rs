//! Procedures, reach by channel, and what became of contributions. Behind a contribution stands a person, so counts of
//! them are shown as counts of persons are: what is under five is left out, with what would give it away.

use allmende_reporting_domain::counts::{Breakdown, Count, Counts, Shown};
use allmende_reporting_domain::report::{MAX_THINGS, Participation};
use allmende_reporting_domain::table::{Cell, Kind, Row, Source, Table, Value};
use allmende_reporting_domain::{Day, Text, Word};
use serde_json::{Value as Json, json};

use super::Wanted;
use super::overview::Overview;
use super::session::{Session, count, less, sum};
use crate::error::Rejection;

const LIST_PROCEDURES: &str = "/allmende.participation.v1.ParticipationService/ListProcedures";
const GET_PROCEDURE: &str = "/allmende.participation.v1.ParticipationService/GetProcedure";
const GET_REACH: &str = "/allmende.participation.v1.ParticipationService/GetReachByChannel";

/// The most procedures of a page of participation's list.
const PAGE: usize = 100;

const CHANNELS: [(&str, Word); 6] = [
    ("CHANNEL_WEB", Word::ChannelWeb),
    ("CHANNEL_APP", Word::ChannelApp),
    ("CHANNEL_LETTER", Word::ChannelLetter),
    ("CHANNEL_POSTCARD", Word::ChannelPostcard),
    ("CHANNEL_EVENT", Word::ChannelEvent),
    ("CHANNEL_PHONE", Word::ChannelPhone),
];

struct Procedure {
    id: String,
    title: Text,
    state: Word,
    first_day: Option<Day>,
    last_day: Option<Day>,
    /// Counts it as one.
    source: Source,
}

/// The procedures of the time that is reported on, and what came in and came of it.
pub(super) async fn tables(
    session: &mut Session<'_>,
    wanted: &Wanted,
    participation: &Participation,
    overview: &mut Overview,
) -> Result<Vec<Table>, Rejection> {
    let procedures = procedures(session, wanted, participation).await?;
    let one_each = |of: &dyn Fn(&Procedure) -> bool| -> Vec<Source> {
        procedures.iter().filter(|procedure| of(procedure)).map(|procedure| procedure.source.clone()).collect()
    };
    overview.tell(Word::Procedures, session.cell(0, one_each(&|_| true))?);
    let open = one_each(&|procedure| procedure.state == Word::ProcedureOpen);
    if !open.is_empty() {
        overview.tell(Word::ProceduresOpen, session.cell(0, open)?);
    }
    if procedures.is_empty() {
        return Ok(Vec::new());
    }
    let mut counts = Vec::new();
    for procedure in &procedures {
        let request = json!({ "tenant": wanted.tenant.as_str(), "procedure_id": procedure.id });
        let query = session.ask(GET_REACH, request).await?;
        counts.push(of_procedure(session, query)?);
    }
    let shown = shown(broken_down(&procedures, &counts)).await;
    overview.tell(Word::ContributionsReceived, shown.grand_total.clone());
    if let Some(totals) = shown.second.rows.last() {
        overview.tell(Word::ResponsesGiven, totals.cells[0].clone());
        overview.tell(Word::ResponsesOpen, totals.cells[1].clone());
    }
    Ok(vec![list(&procedures), shown.first, shown.second])
}

async fn procedures(
    session: &mut Session<'_>,
    wanted: &Wanted,
    participation: &Participation,
) -> Result<Vec<Procedure>, Rejection> {
    let tenant = wanted.tenant.as_str();
    let mut found = Vec::new();
    if participation.procedures.is_empty() {
        let request = json!({ "tenant": tenant, "page_size": PAGE });
        for page in session.pages(LIST_PROCEDURES, request, "procedures", MAX_THINGS).await? {
            for answer in session.answer(page)["procedures"].as_array().into_iter().flatten() {
                let id = answer["procedure_id"].as_str().unwrap_or_default();
                let source = count(page, format!("$.procedures[?@.procedure_id=='{id}']"));
                let procedure = procedure(answer, source);
                let begins = procedure.first_day.is_none_or(|day| day <= wanted.definition.last_day);
                let ends = procedure.last_day.is_none_or(|day| day >= wanted.definition.first_day);
                if begins && ends {
                    found.push(procedure);
                }
            }
        }
    }
    for id in &participation.procedures {
        let query = session.ask(GET_PROCEDURE, json!({ "tenant": tenant, "procedure_id": id.to_string() })).await?;
        found.push(procedure(&session.answer(query)["procedure"], count(query, "$.procedure")));
    }
    Ok(found)
}

fn procedure(answer: &Json, source: Source) -> Procedure {
    let phases = answer["phases"].as_array();
    let days = |field: &str| -> Vec<Day> {
        phases.into_iter().flatten().filter_map(|phase| phase[field].as_str()?.parse().ok()).collect()
    };
    let open = answer["open_phases"].as_array().is_some_and(|phases| !phases.is_empty());
    Procedure {
        id: answer["procedure_id"].as_str().unwrap_or_default().to_owned(),
        title: Text::plain(answer["title"].as_str().unwrap_or_default()),
        state: match (answer["closed_at_us"].is_string(), open) {
            (true, _) => Word::ProcedureClosed,
            (false, true) => Word::ProcedureOpen,
            (false, false) => Word::ProcedureOngoing,
        },
        first_day: days("from_day").into_iter().min(),
        last_day: days("to_day").into_iter().max(),
        source,
    }
}

/// What came in to a procedure: in all, by channel, and by what became of it.
struct OfProcedure {
    received: Count,
    channels: Vec<Count>,
    states: Vec<Count>,
}

fn of_procedure(session: &Session<'_>, query: u32) -> Result<OfProcedure, Rejection> {
    let all = |field: &str| sum(query, format!("$.reach[*].{field}"));
    // Whoever reads the portal can count what is published, over which channel it came and what was answered.
    let counted = |sources: Vec<Source>, public: Vec<Source>| {
        let (count, public) = (session.count(&sources)?, session.count(&public)?);
        Ok::<_, Rejection>(Count { count, public, sources })
    };
    let all_public = |sources: Vec<Source>| counted(sources.clone(), sources);
    let channel = |name: &str| {
        let of = |field: &str| vec![sum(query, format!("$.reach[?@.channel=='{name}'].{field}"))];
        counted(of("received"), of("published"))
    };
    Ok(OfProcedure {
        received: counted(vec![all("received")], vec![all("published")])?,
        channels: CHANNELS.iter().map(|(name, _)| channel(name)).collect::<Result<_, _>>()?,
        states: vec![
            all_public(vec![all("answered")])?,
            all_public(vec![all("published"), less(all("answered"))])?,
            counted(vec![all("received"), less(all("published"))], Vec::new())?,
        ],
    })
}

fn broken_down(procedures: &[Procedure], counts: &[OfProcedure]) -> Counts {
    // A channel over which nothing came is left out: that concerns nobody.
    let used = |channel: &usize| counts.iter().any(|of| of.channels[*channel].count > 0);
    let used: Vec<usize> = (0..CHANNELS.len()).filter(used).collect();
    Counts {
        row_heading: Word::Procedure,
        labels: procedures.iter().map(|procedure| procedure.title.clone()).collect(),
        totals: counts.iter().map(|of| of.received.clone()).collect(),
        first: Breakdown {
            kind: Kind::Reach,
            columns: used.iter().map(|channel| CHANNELS[*channel].1).collect(),
            rows: counts.iter().map(|of| used.iter().map(|channel| of.channels[*channel].clone()).collect()).collect(),
        },
        second: Breakdown {
            kind: Kind::Responses,
            columns: vec![Word::Answered, Word::Unanswered, Word::NotPublic],
            rows: counts.iter().map(|of| of.states.clone()).collect(),
        },
    }
}

/// What is to be left out takes a while to find if there are many procedures: off the async workers.
async fn shown(counts: Counts) -> Shown {
    match tokio::task::spawn_blocking(move || counts.show()).await {
        Ok(shown) => shown,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The process is ending.
            Err(_) => std::future::pending().await,
        },
    }
}

fn list(procedures: &[Procedure]) -> Table {
    let day = |day: Option<Day>| Cell::plain(day.map_or(Value::Nothing, Value::Day));
    let row = |procedure: &Procedure| Row {
        labels: vec![procedure.title.clone().into()],
        cells: vec![Cell::plain(Value::Word(procedure.state)), day(procedure.first_day), day(procedure.last_day)],
    };
    Table {
        kind: Kind::Procedures,
        subject: String::new(),
        row_headings: vec![Word::Procedure.into()],
        columns: [Word::State, Word::FirstDay, Word::LastDay].map(Into::into).to_vec(),
        rows: procedures.iter().map(row).collect(),
    }
}
