//! Every number of a report names the query that gives it, and equals it: a report is run over a year of a station and
//! two procedures, then each of its numbers' queries is asked over gRPC and compared: by a visitor, but for how much came
//! in over each channel, which staff alone are told.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod platform;

use std::collections::HashMap;
use std::path::Path;

use allmende::client::Token;
use allmende_proto::participation::v1 as participation;
use allmende_proto::participation::v1::participation_service_client::ParticipationServiceClient;
use allmende_proto::reporting::v1 as pb;
use allmende_proto::reporting::v1::reporting_service_client::ReportingServiceClient;
use allmende_reporting::{Authorization, GrpcSources, Question, Sources as _, select};
use allmende_runtime::fields::{self, ConsistencyToken};
use platform::{Platform, reference_station};
use serde_json::Value;
use tonic::transport::{Channel, Endpoint};
use uuid::Uuid;

const TENANT: &str = "brandis";
/// 2018-01-01T00:00 in UTC+1, where air-quality days begin.
const NEW_YEAR_US: i64 = 1_514_761_200_000_000;

fn id() -> String {
    Uuid::now_v7().to_string()
}

/// A reference station with hourly PM10: 36 days above 50 µg/m³, the others at 20.
async fn year_of_a_station(platform: &Platform) -> String {
    let hours = (0..365 * 24).map(|hour| if hour / 24 % 10 == 0 && hour / 24 < 360 { 60.0 } else { 20.0 });
    reference_station(&mut platform.telemetry(), TENANT, NEW_YEAR_US, hours.collect()).await.token
}

/// A procedure with letters and postcards: so many of each, so many of them public, so many of those answered.
async fn procedure(platform: &Platform, letters: usize, postcards: usize, public: usize, answered: usize) -> String {
    let channel = Endpoint::from_shared(platform.grpc.clone()).unwrap().connect().await.unwrap();
    let mut client = ParticipationServiceClient::with_interceptor(channel, Token::new(&platform.token).unwrap());
    let procedure_id = id();
    let phase = participation::Phase {
        kind: participation::PhaseKind::Submission.into(),
        from_day: "2018-01-01".into(),
        to_day: "2035-12-31".into(),
        ..Default::default()
    };
    let open = participation::OpenProcedureRequest {
        tenant: TENANT.into(),
        request_id: id(),
        procedure_id: procedure_id.clone(),
        title: format!("Ideenaufruf mit {letters} Briefen"),
        summary: "Was fehlt in der Stadt?".into(),
        method: "Ideenaufruf".into(),
        required_level: participation::SignInLevel::None.into(),
        phases: vec![phase],
        transcription_until_day: "2035-12-31".into(),
        licence: "dl-de/by-2-0".into(),
        ..Default::default()
    };
    let mut token = client.open_procedure(open).await.unwrap().into_inner().consistency_token;
    let channels = std::iter::repeat_n(participation::Channel::Letter, letters)
        .chain(std::iter::repeat_n(participation::Channel::Postcard, postcards));
    for (number, channel) in channels.enumerate() {
        let contribution_id = id();
        let text =
            participation::Text { title: String::new(), body: "Mehr Bäume".into(), proposed_text: String::new() };
        let transcribe = participation::TranscribeOfflineContributionRequest {
            tenant: TENANT.into(),
            request_id: id(),
            contribution_id: contribution_id.clone(),
            procedure_id: procedure_id.clone(),
            kind: participation::ContributionKind::Idea.into(),
            channel: channel.into(),
            received_on: "2018-05-02".into(),
            text: Some(text),
            ..Default::default()
        };
        token = client.transcribe_offline_contribution(transcribe).await.unwrap().into_inner().consistency_token;
        if number < public {
            let publish = participation::ModerateContributionRequest {
                tenant: TENANT.into(),
                request_id: id(),
                procedure_id: procedure_id.clone(),
                contribution_id: contribution_id.clone(),
                decision: participation::ModerationDecision::Publish.into(),
                ..Default::default()
            };
            token = client.moderate_contribution(publish).await.unwrap().into_inner().consistency_token;
        }
        if number < answered {
            let respond = participation::RespondToContributionRequest {
                tenant: TENANT.into(),
                request_id: id(),
                procedure_id: procedure_id.clone(),
                contribution_id,
                text: "Zehn Linden kommen im Herbst.".into(),
            };
            token = client.respond_to_contribution(respond).await.unwrap().into_inner().consistency_token;
        }
    }
    token
}

/// One token that shows what all of them show.
fn together(tokens: &[&str]) -> String {
    let mut together = ConsistencyToken::default();
    for token in tokens {
        for (partition, position) in fields::consistency_token(token).unwrap().positions() {
            together.advance(partition.clone(), position);
        }
    }
    together.to_text()
}

fn text(de: &str) -> Option<pb::LocalizedText> {
    Some(pb::LocalizedText { de: de.into(), en: String::new() })
}

/// Defines and runs a report over air and an indicator; the run, published, as JSON.
async fn report(platform: &Platform, seen: String) -> (pb::ReportRun, Value) {
    let channel = Endpoint::from_shared(platform.grpc.clone()).unwrap().connect().await.unwrap();
    let mut client = ReportingServiceClient::with_interceptor(channel, Token::new(&platform.token).unwrap())
        .max_decoding_message_size(4 << 20);
    let indicator_id = id();
    let define = pb::DefineIndicatorRequest {
        tenant: TENANT.into(),
        request_id: id(),
        indicator_id: indicator_id.clone(),
        title: text("Sensoren in Bürgerhand"),
        unit: String::new(),
        decimals: 0,
        counts_persons: false,
        activities_begin_on: "2018-01-01".into(),
        baseline: Some(pb::Baseline { measured_on: "2017-12-31".into(), value: 2.0, source: "Amt".into() }),
        rules: vec![],
    };
    client.define_indicator(define).await.unwrap();
    for (on, value) in [("2018-04-01", 7.0), ("2018-10-01", 19.0)] {
        let record = pb::RecordReadingRequest {
            tenant: TENANT.into(),
            request_id: id(),
            indicator_id: indicator_id.clone(),
            measured_on: on.into(),
            value,
            source: "Amt".into(),
            correction: false,
        };
        client.record_reading(record).await.unwrap();
    }
    let report_id = id();
    let definition = pb::ReportDefinition {
        report_id: report_id.clone(),
        title: text("Projektbericht 2018"),
        first_day: "2018-01-01".into(),
        last_day: "2018-12-31".into(),
        air: Some(pb::AirSection { station_ids: vec![], selection: pb::AirSelection::All.into() }),
        participation: Some(pb::ParticipationSection::default()),
        indicator_ids: vec![indicator_id],
        impact_logic_ids: vec![],
    };
    let define = pb::DefineReportRequest { tenant: TENANT.into(), request_id: id(), definition: Some(definition) };
    let defined = client.define_report(define).await.unwrap().into_inner().consistency_token;
    let run = pb::RunReportRequest {
        tenant: TENANT.into(),
        request_id: id(),
        report_id,
        run_id: id(),
        consistency_token: together(&[&seen, &defined]),
    };
    let run = client.run_report(run).await.unwrap().into_inner().run.unwrap();
    let publish = pb::PublishReportRequest { tenant: TENANT.into(), request_id: id(), run_id: run.run_id.clone() };
    let published = client.publish_report(publish).await.unwrap().into_inner().consistency_token;
    let render = pb::RenderReportRequest {
        tenant: TENANT.into(),
        run_id: run.run_id.clone(),
        format: pb::ReportFormat::Json.into(),
        language: pb::Language::De.into(),
        consistency_token: published,
    };
    let rendered = client.render_report(render).await.unwrap().into_inner();
    (run, serde_json::from_slice(&rendered.content).unwrap())
}

/// Asks a number's queries and makes of the answers what it says, independently of how the service does it.
async fn asked(
    (sources, staff): (&GrpcSources, &Authorization),
    seen: &ConsistencyToken,
    report: &Value,
    cell: &Value,
) -> f64 {
    let mut sum = 0.0;
    for source in cell["sources"].as_array().unwrap() {
        let query = &report["queries"][source["query"].as_u64().unwrap() as usize];
        let rpc = query["rpc"].as_str().unwrap();
        let authorization = rpc.ends_with("/GetReachByChannel").then_some(staff);
        let question = Question { rpc, request: &query["request"], seen, authorization };
        let answer = sources.ask(question).await.unwrap().answer;
        let values = select(&answer, source["path"].as_str().unwrap()).unwrap();
        let value = match source["take"].as_str().unwrap() {
            "count" => values.len() as f64,
            "sum" => values.iter().map(|value| value.as_f64().unwrap()).sum(),
            _ => {
                assert_eq!(values.len(), 1, "{source}");
                values[0].as_f64().unwrap()
            }
        };
        sum += if source["subtracted"] == true { -value } else { value };
    }
    sum
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_number_is_what_its_query_answers() {
    let data = tempfile::tempdir().unwrap();
    let platform = Platform::start(data.path());
    platform.found(TENANT);
    let air = year_of_a_station(&platform).await;
    let one = procedure(&platform, 9, 6, 10, 5).await;
    let other = procedure(&platform, 8, 5, 13, 6).await;
    let seen = together(&[&air, &one, &other]);
    let (run, report) = report(&platform, seen).await;
    let channel: Channel = Endpoint::from_shared(platform.grpc.clone()).unwrap().connect().await.unwrap();
    let sources = GrpcSources::new(channel);
    let mut operator = tonic::Request::new(());
    operator.metadata_mut().insert("authorization", format!("Bearer {}", platform.token).parse().unwrap());
    let staff = Authorization::of(&operator).unwrap();
    let bound = fields::consistency_token(&run.bound_token).unwrap();

    let mut numbers = 0;
    let mut found: HashMap<String, f64> = HashMap::new();
    for table in report["tables"].as_array().unwrap() {
        for row in table["rows"].as_array().unwrap() {
            let columns = table["columns"].as_array().unwrap();
            for (column, cell) in columns.iter().zip(row["cells"].as_array().unwrap()) {
                let Some(value) = cell["value"].as_f64() else { continue };
                assert_eq!(asked((&sources, &staff), &bound, &report, cell).await, value, "{column} of {row}");
                numbers += 1;
                found.insert(format!("{}/{}", row["labels"].as_array().unwrap().last().unwrap(), column), value);
            }
        }
    }
    assert_eq!(numbers, run.figures, "every number was looked at");
    let values = |kind: &str| -> Vec<Vec<Value>> {
        let tables = report["tables"].as_array().unwrap();
        let rows = tables.iter().find(|table| table["kind"] == kind).unwrap()["rows"].as_array().unwrap();
        let mut values: Vec<Vec<Value>> = rows
            .iter()
            .map(|row| row["cells"].as_array().unwrap().iter().map(|cell| cell["value"].clone()).collect())
            .collect();
        // Procedures come in the order of their ids.
        values.sort_by_key(|row| row.last().and_then(Value::as_u64));
        values
    };
    assert_eq!(values("reach"), [[8, 5, 13], [9, 6, 15], [17, 11, 28]]);
    assert_eq!(values("responses"), [[6, 7, 0, 13], [5, 5, 5, 15], [11, 12, 5, 28]]);
    // And the law is the law: 36 days above the limit exceed, 35 do not.
    assert_eq!(found["\"Tag\"/\"Mal darüber\""], 36.0);
    let verdicts = report["tables"].as_array().unwrap().iter().find(|table| table["kind"] == "air-limits").unwrap();
    assert!(verdicts.to_string().contains("überschritten"), "{verdicts}");
    assert!(Path::new(data.path()).join("log/reporting-0").exists());
    platform.stop();
}
