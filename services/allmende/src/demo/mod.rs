//! Generated demo data: nine tenants named for the municipalities of *Modellkommune Open Government*, each with stations,
//! procedures in every phase, open data and a report. None of it is from there, and each tenant says so.
//!
//! Everything is made through the services' APIs, by the operator and by demo users. A tenant that is finished is left as
//! it is; one that was interrupted is gone on with, as long as its requests are remembered (a day).

mod catalogue;
mod clients;
mod consultation;
mod deeds;
mod participation;
mod people;
mod reports;
mod scene;
mod seed;
mod stations;
mod tenants;
mod texts;
mod values;

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::{data_folder, terminal};
use clients::Clients;
use people::{CITIZENS, Door, Staff};
use seed::Seed;
use texts::{MUNICIPALITIES, Municipality};

/// Gateway's settings for a demo: mails to demo users lie in a folder, as nobody reads mail at their addresses.
pub(crate) fn gateway(config: &Config) -> anyhow::Result<allmende_gateway::Config> {
    let mut gateway = config.gateway.clone();
    if !gateway.mail.smtp_host.is_empty() {
        anyhow::bail!("demo and gateway.mail.smtp_host exclude each other: demo users have no mail");
    }
    gateway.mail.folder.get_or_insert_with(|| config.data.join("demo-mail"));
    Ok(gateway)
}

/// A tenant that is to be filled.
struct Unfinished {
    town: &'static Municipality,
    seed: Seed,
}

/// What stands for what was made of a tenant.
struct Made {
    administration: Clients,
    participation: String,
    stations: stations::Made,
}

/// Makes what is missing, and tells what there is.
pub(crate) async fn fill(config: &Config, grpc: &str) -> anyhow::Result<()> {
    let (data, gateway) = (config.data.as_path(), gateway(config)?);
    let mails = gateway.mail.folder.context("mails go to a folder in a demo")?;
    let begun = std::time::Instant::now();
    let token = std::fs::read_to_string(data.join(data_folder::TOKEN_FILE)).context("reading the operator's token")?;
    let operator = Clients::new(&format!("http://{grpc}"), &token)?;
    let (password, mut unfinished) = (people::password(data)?, Vec::new());
    for town in MUNICIPALITIES {
        match tenants::register(&operator, town).await? {
            None => terminal::note(&format!("demo: tenant {} is there and is no demo: left alone", town.key)),
            Some(seed) if reports::is_there(&seed, &operator).await? => {}
            Some(seed) => unfinished.push(Unfinished { town, seed }),
        }
    }
    let count = unfinished.len();
    if count > 0 {
        make(unfinished, &Door { operator: &operator, password: &password, mails: &mails }).await?;
    }
    tell(count, begun.elapsed(), data);
    Ok(())
}

async fn make(unfinished: Vec<Unfinished>, door: &Door<'_>) -> anyhow::Result<()> {
    let mut citizens = Vec::new();
    for number in 1..=CITIZENS {
        // Each has an account at one tenant and takes part in all.
        let Unfinished { seed, .. } = &unfinished[number % unfinished.len()];
        citizens.push(door.citizen(seed, number).await?);
    }
    let citizens: Arc<[Clients]> = citizens.into();
    let mut filling = JoinSet::new();
    let count = unfinished.len();
    for (number, Unfinished { town, seed }) in unfinished.into_iter().enumerate() {
        let staff = door.staff(town, &seed).await.with_context(|| format!("the staff of {}", town.key))?;
        let (operator, citizens) = (door.operator.clone(), Arc::clone(&citizens));
        filling.spawn(async move {
            let made = fill_tenant(town, &seed, &operator, &staff, &citizens).await;
            made.map(|made| (number, town, seed, made)).with_context(|| format!("filling {}", town.key))
        });
    }
    let mut made = Vec::with_capacity(count);
    while let Some(filled) = filling.join_next().await {
        made.push(filled??);
    }
    // One after the other, and in the same order always: a report is run again when its sources go on.
    made.sort_by_key(|(number, ..)| *number);
    for (_, town, seed, Made { administration, participation, stations }) in made {
        catalogue::wait_for_texts(&seed, door.operator, &participation).await?;
        let shown = reports::Shown { participation: &participation, telemetry: &stations.consistency_token };
        let filled = reports::fill(town, &seed, &administration, shown).await;
        filled.with_context(|| format!("the report of {}", town.key))?;
    }
    Ok(())
}

async fn fill_tenant(
    town: &'static Municipality,
    seed: &Seed,
    operator: &Clients,
    staff: &Staff,
    citizens: &[Clients],
) -> anyhow::Result<Made> {
    let participation = participation::fill(town, seed, staff, citizens).await?;
    let stations = stations::fill(town, seed, operator).await?;
    catalogue::fill(town, seed, &staff.administration, &stations.stations).await.context("open data")?;
    Ok(Made { administration: staff.administration.clone(), participation, stations })
}

fn tell(made: usize, took: std::time::Duration, data: &Path) {
    match made {
        0 => terminal::note(&format!("demo: {} generated tenants, as they were", MUNICIPALITIES.len())),
        _ => {
            let (all, took) = (MUNICIPALITIES.len(), took.as_secs_f64());
            terminal::note(&format!("demo: {all} generated tenants, {made} of them made now, in {took:.1} s"));
            terminal::note("demo: stations have one value an hour for a year; none was measured");
        }
    }
    let [moderation, administration] = people::staff_addresses(MUNICIPALITIES[0].key);
    terminal::note(&format!(
        "demo: sign in as {moderation}, {administration} (any tenant's name for {}) or {} to {}",
        MUNICIPALITIES[0].key,
        people::citizen_address(1),
        people::citizen_address(CITIZENS),
    ));
    terminal::note(&format!("demo: the password of all of them is in {}", people::password_file(data).display()));
}
