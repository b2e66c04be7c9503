//! The limit of a replicated partition: messages published to a log's stream one in flight, as a leader does.
//!
//! `cargo run --release -p allmende-nats --example publishing -- nats://127.0.0.1:4222 3 400 10` publishes messages of 400
//! bytes to a stream with three replicas for ten seconds, and prints one line of JSON. The stream stays.

use std::time::{Duration, Instant};

use allmende_eventlog_nats::stream::{GroupStream as _, Published};
use allmende_kernel::PartitionName;
use allmende_nats::{Connection, LogStream, Settings};
use bytes::Bytes;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[tokio::main]
#[allow(clippy::print_stdout, reason = "it prints what it measured")]
async fn main() -> Outcome {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [url, replicas, size, seconds] = arguments.as_slice() else {
        return Err("usage: publishing URL REPLICAS BYTES SECONDS".into());
    };
    let (replicas, size): (usize, usize) = (replicas.parse()?, size.parse()?);
    let lasting = Duration::from_secs(seconds.parse()?);

    let connection = Connection::open(Settings::new(vec![url.clone()], "publishing")).await?;
    let stream = LogStream::open(&connection, &PartitionName::parse("bench-0")?, replicas).await?;
    let mut publisher = stream.connect().await?;
    let message = Bytes::from(vec![b'x'; size]);
    let mut last = stream.last_hint().await?;
    let mut took = Vec::new();
    let begun = Instant::now();
    while begun.elapsed() < lasting {
        let sent = Instant::now();
        match publisher.publish(last, message.clone(), Duration::from_secs(5)).await {
            Published::Committed(sequence) => last = sequence,
            other => return Err(format!("message {} was {other:?}", last + 1).into()),
        }
        took.push(sent.elapsed());
    }
    let per_second = took.len() as f64 / begun.elapsed().as_secs_f64();
    took.sort_unstable();
    let micros = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_micros();
    println!(
        "{{\"bench\":\"jetstream\",\"replicas\":{replicas},\"bytes\":{size},\"messages_per_second\":{per_second:.0},\
         \"p50_us\":{},\"p99_us\":{}}}",
        micros(0.5),
        micros(0.99)
    );
    Ok(())
}
