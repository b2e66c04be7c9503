//! A published report of a tenant on its last year: air, participation, one indicator and the logic behind it.

use allmende_proto::participation::v1::ListProceduresRequest;
use allmende_proto::reporting::v1 as pb;
use allmende_proto::telemetry::v1::ListStationsRequest;
use anyhow::Context as _;
use tonic::Code;

use super::clients::Clients;
use super::seed::Seed;
use super::texts::Municipality;

/// How often a report is run again because its sources went on.
const ATTEMPTS: usize = 10;
const REPORT: &str = "report";

/// Whether it is there: the last thing that is made of a tenant.
pub(super) async fn is_there(seed: &Seed, operator: &Clients) -> anyhow::Result<bool> {
    let (tenant, report_id) = (seed.tenant(), seed.id(REPORT));
    let request = pb::GetReportRequest { tenant, report_id, consistency_token: String::new() };
    match operator.reporting().get_report(request).await {
        Ok(answer) => Ok(answer.into_inner().report.is_some_and(|report| report.latest_published.is_some())),
        Err(status) if status.code() == Code::NotFound => Ok(false),
        Err(status) => Err(status).context("looking for the report"),
    }
}

/// What a report is to show at least, by the service that it is asked from.
pub(super) struct Shown<'a> {
    pub(super) participation: &'a str,
    pub(super) telemetry: &'a str,
}

/// Defines, runs and publishes it. Nothing else may be written meanwhile, or it is run again.
pub(super) async fn fill(
    town: &Municipality,
    seed: &Seed,
    administration: &Clients,
    shown: Shown<'_>,
) -> anyhow::Result<()> {
    wait_for(seed, administration, shown).await?;
    indicator(town, seed, administration).await.context("the indicator")?;
    impact_logic(town, seed, administration).await.context("the impact logic")?;
    let mut reporting = administration.reporting();
    let definition = pb::ReportDefinition {
        report_id: seed.id(REPORT),
        title: text(&format!("Projektbericht {} (Demodaten)", town.name)),
        first_day: seed.day(-365),
        last_day: seed.day(-1),
        air: Some(pb::AirSection { station_ids: Vec::new(), selection: pb::AirSelection::All.into() }),
        participation: Some(pb::ParticipationSection { procedure_ids: Vec::new() }),
        indicator_ids: vec![seed.id("indicator")],
        impact_logic_ids: vec![seed.id("impact logic")],
    };
    let request = pb::DefineReportRequest {
        tenant: seed.tenant(),
        request_id: seed.request_id("define report"),
        definition: Some(definition),
    };
    let defined = reporting.define_report(request).await.context("defining the report")?.into_inner();
    run(seed, administration, defined.consistency_token).await.context("running the report")?;
    let request = pb::PublishReportRequest {
        tenant: seed.tenant(),
        request_id: seed.request_id("publish report"),
        run_id: seed.id("run"),
    };
    reporting.publish_report(request).await.context("publishing the report")?;
    Ok(())
}

async fn wait_for(seed: &Seed, clients: &Clients, shown: Shown<'_>) -> anyhow::Result<()> {
    let procedures = ListProceduresRequest {
        tenant: seed.tenant(),
        page_size: 1,
        consistency_token: shown.participation.to_owned(),
        ..Default::default()
    };
    clients.participation().list_procedures(procedures).await.context("waiting for procedures")?;
    let stations = ListStationsRequest {
        tenant: seed.tenant(),
        page_size: 1,
        consistency_token: shown.telemetry.to_owned(),
        ..Default::default()
    };
    clients.telemetry().list_stations(stations).await.context("waiting for stations")?;
    Ok(())
}

/// Runs it as soon as reads show that it was defined.
async fn run(seed: &Seed, administration: &Clients, consistency_token: String) -> anyhow::Result<()> {
    let request = pb::RunReportRequest {
        tenant: seed.tenant(),
        request_id: seed.request_id("run report"),
        report_id: seed.id(REPORT),
        run_id: seed.id("run"),
        consistency_token,
    };
    let mut attempt = 1;
    loop {
        match administration.reporting().run_report(request.clone()).await {
            Ok(_) => return Ok(()),
            Err(status) if status.code() == Code::Aborted && attempt < ATTEMPTS => attempt += 1,
            Err(status) => return Err(status.into()),
        }
    }
}

async fn indicator(town: &Municipality, seed: &Seed, administration: &Clients) -> anyhow::Result<()> {
    let (mut reporting, of) = (administration.reporting(), &town.indicator);
    let source = "Erzeugte Daten einer Demonstration".to_owned();
    reporting
        .define_indicator(pb::DefineIndicatorRequest {
            tenant: seed.tenant(),
            request_id: seed.request_id("indicator"),
            indicator_id: seed.id("indicator"),
            title: text(of.title),
            unit: of.unit.to_owned(),
            decimals: 0,
            counts_persons: false,
            activities_begin_on: seed.day(-360),
            baseline: Some(pb::Baseline { measured_on: seed.day(-400), value: of.baseline, source: source.clone() }),
            rules: vec![pb::Rule {
                rule_id: "ziel".to_owned(),
                source: "Ziel des Projekts (Demodaten)".to_owned(),
                valid_from: seed.day(-360),
                valid_until: String::new(),
                comparison: pb::Comparison::AtLeast.into(),
                value: of.aim,
            }],
        })
        .await?;
    for (number, value) in (0..).zip(of.readings) {
        reporting
            .record_reading(pb::RecordReadingRequest {
                tenant: seed.tenant(),
                request_id: seed.request_id(&format!("reading {number}")),
                indicator_id: seed.id("indicator"),
                measured_on: seed.day(-270 + 120 * number),
                value,
                source: source.clone(),
                correction: false,
            })
            .await?;
    }
    Ok(())
}

async fn impact_logic(town: &Municipality, seed: &Seed, administration: &Clients) -> anyhow::Result<()> {
    let words = |de: &str| pb::LocalizedText { de: de.to_owned(), en: String::new() };
    let request = pb::DefineImpactLogicRequest {
        tenant: seed.tenant(),
        request_id: seed.request_id("impact logic"),
        impact_logic: Some(pb::ImpactLogic {
            impact_logic_id: seed.id("impact logic"),
            title: text("Wie aus Beteiligung Wirkung wird"),
            resources: vec![words("Eine halbe Stelle in der Verwaltung"), words("Zeit der Bürgerinnen und Bürger")],
            activities: vec![pb::Activity {
                title: text(town.indicator.activity),
                begins_on: seed.day(-360),
                ends_on: String::new(),
            }],
            results: vec![pb::Outcome { title: text(town.indicator.title), indicator_ids: vec![seed.id("indicator")] }],
            effects: vec![pb::Outcome {
                title: text("Entscheidungen der Verwaltung sind nachvollziehbar"),
                indicator_ids: Vec::new(),
            }],
        }),
    };
    administration.reporting().define_impact_logic(request).await?;
    Ok(())
}

fn text(de: &str) -> Option<pb::LocalizedText> {
    Some(pb::LocalizedText { de: de.to_owned(), en: String::new() })
}
