//! `allmende show`: what a running platform answers, as tables for people.

use std::process::ExitCode;

use allmende_proto::telemetry::v1 as pb;
use anyhow::Context as _;

use crate::cli::{Series, ShowCommand};
use crate::client::{self, Telemetry};
use crate::terminal;

/// Runs a command.
pub fn run(command: ShowCommand) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            ShowCommand::Stations { tenant, connection } => {
                stations(&mut client::telemetry(&connection)?, &tenant).await
            }
            ShowCommand::Means { series, from, to, period } => {
                let mut telemetry = client::telemetry(&series.connection)?;
                means(&mut telemetry, &series, from, to, period.into()).await
            }
            ShowCommand::Limits { series, year, rules } => {
                limits(&mut client::telemetry(&series.connection)?, &series, year, rules).await
            }
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn all_stations(telemetry: &mut Telemetry, tenant: &str) -> anyhow::Result<Vec<pb::Station>> {
    let mut request = pb::ListStationsRequest { tenant: tenant.to_owned(), page_size: 500, ..Default::default() };
    let mut all = Vec::new();
    loop {
        let page = telemetry.list_stations(request.clone()).await.map_err(|status| client::explain(&status))?;
        let page = page.into_inner();
        all.extend(page.stations);
        if page.next_page_token.is_empty() {
            return Ok(all);
        }
        request.page_token = page.next_page_token;
    }
}

fn short(property: pb::ObservedProperty) -> &'static str {
    property.as_str_name().trim_start_matches("OBSERVED_PROPERTY_")
}

async fn stations(telemetry: &mut Telemetry, tenant: &str) -> anyhow::Result<()> {
    for station in all_stations(telemetry, tenant).await? {
        let kind = station.kind().as_str_name().trim_start_matches("STATION_KIND_").to_lowercase();
        let cell = station.cell.as_ref().map_or("", |cell| cell.code.as_str());
        terminal::line(&format!("{} {kind} {cell}", station.station_id));
        let request = pb::GetLatestRequest {
            tenant: tenant.to_owned(),
            station_id: station.station_id.clone(),
            ..Default::default()
        };
        let latest = telemetry.get_latest(request).await.map_err(|status| client::explain(&status))?;
        for latest in latest.into_inner().latest {
            let Some(datastream) = latest.datastream else { continue };
            let value = latest.observation.map_or("nothing observed".to_owned(), |observation| {
                format!("{:>9.2} {} at {}", observation.result, datastream.unit, civil(observation.phenomenon_time_us))
            });
            terminal::line(&format!(
                "  {} {:<17} {value}",
                datastream.datastream_id,
                short(datastream.observed_property())
            ));
        }
    }
    Ok(())
}

/// The datastream that was meant: the named one, or the tenant's only one of the property at the station.
async fn find(telemetry: &mut Telemetry, series: &Series) -> anyhow::Result<(String, String)> {
    let stations = all_stations(telemetry, &series.tenant).await?;
    let station = match &series.station {
        Some(id) => stations.iter().find(|station| station.station_id.starts_with(id.as_str())),
        None => stations.first(),
    };
    let station = station.context("the tenant has no such station")?;
    let wanted = series.property.to_uppercase();
    let datastream = station
        .sensors
        .iter()
        .flat_map(|sensor| &sensor.datastreams)
        .find(|datastream| short(datastream.observed_property()) == wanted)
        .with_context(|| format!("station {} does not observe {}", station.station_id, series.property))?;
    Ok((station.station_id.clone(), datastream.datastream_id.clone()))
}

async fn means(
    telemetry: &mut Telemetry,
    series: &Series,
    first_day: String,
    last_day: String,
    period: pb::Period,
) -> anyhow::Result<()> {
    let (station_id, datastream_id) = find(telemetry, series).await?;
    terminal::line(&format!("{:<14} {:>9} {:>7} {:>6}", series.property, "mean", "count", "valid"));
    let mut request = pb::ListMeansRequest {
        tenant: series.tenant.clone(),
        station_id,
        datastream_id,
        period: period.into(),
        first_day,
        last_day,
        selection: pb::Selection::from(series.selection).into(),
        ..Default::default()
    };
    loop {
        let page = telemetry.list_means(request.clone()).await.map_err(|status| client::explain(&status))?;
        let page = page.into_inner();
        for mean in page.means {
            let value = mean.mean.map_or("-".to_owned(), |mean| format!("{mean:.2}"));
            let valid = if mean.valid { "yes" } else { "no" };
            terminal::line(&format!("{:<14} {value:>9} {:>3}/{:<3} {valid:>6}", mean.label, mean.count, mean.required));
        }
        if page.next_page_token.is_empty() {
            return Ok(());
        }
        request.page_token = page.next_page_token;
    }
}

async fn limits(telemetry: &mut Telemetry, series: &Series, year: u32, rules: Option<String>) -> anyhow::Result<()> {
    let (station_id, datastream_id) = find(telemetry, series).await?;
    let request = pb::CheckLimitsRequest {
        tenant: series.tenant.clone(),
        station_id,
        datastream_id,
        year,
        selection: pb::Selection::from(series.selection).into(),
        rule_set_id: rules.unwrap_or_default(),
        ..Default::default()
    };
    let answer = telemetry.check_limits(request).await.map_err(|status| client::explain(&status))?.into_inner();
    for check in answer.checks {
        let verdict = check.verdict().as_str_name().trim_start_matches("VERDICT_").to_lowercase().replace('_', " ");
        let indicative = if check.indicative { " (indicative: a citizen's sensor)" } else { "" };
        terminal::line(&format!("{}: {verdict}{indicative}", check.rule_id));
        terminal::line(&format!("  {}", against(&check)));
        if !check.exceeded.is_empty() {
            terminal::line(&format!("  above it: {}", check.exceeded.join(", ")));
        }
        terminal::line(&format!("  {}", check.source));
    }
    Ok(())
}

/// The limit in words, and how the year stands to it.
fn against(check: &pb::LimitCheck) -> String {
    let (limit, valid, required) = (check.limit, check.valid_periods, check.required_periods);
    let exceeded = format!("exceeded {} times of {} allowed", check.exceedances, check.allowed_exceedances);
    match check.period() {
        pb::Period::Hour => format!("{limit} for an hour's mean, {exceeded}; {valid} of {required} hours valid"),
        pb::Period::Day => format!("{limit} for a day's mean, {exceeded}; {valid} of {required} days valid"),
        _ => {
            let mean = check.mean.map_or(String::new(), |mean| format!(", which is {mean:.2}"));
            format!("{limit} for the year's mean{mean}; {valid} of {required} days valid")
        }
    }
}

fn civil(micros: i64) -> String {
    jiff::Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |at| at.to_string())
}
