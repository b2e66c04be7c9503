//! A turn: writers that commit one after the other, all at once, for a given time.

use std::time::{Duration, Instant};

/// How many writers, over how many connections.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Connections {
    /// Writers at once.
    pub(crate) writers: usize,
    /// Connections they are spread over.
    pub(crate) count: usize,
}

/// Someone who waits for each commit before making the next.
pub(crate) trait Writer: Send + 'static {
    /// Commits once and returns when the server says it is durable: how long the call took.
    fn commit(&mut self) -> impl Future<Output = anyhow::Result<Duration>> + Send;
}

/// What a turn yielded.
#[derive(Debug)]
pub(crate) struct Turn {
    /// From the first request to the last answer.
    pub(crate) elapsed: Duration,
    /// One for each commit.
    pub(crate) latencies: Vec<Duration>,
}

/// Lets all writers commit until the time is up; each ends with the answer to its last request.
pub(crate) async fn take<W: Writer>(writers: &mut Vec<W>, time: Duration) -> anyhow::Result<Turn> {
    let begun = Instant::now();
    let mut tasks = Vec::new();
    for mut writer in writers.drain(..) {
        tasks.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            while begun.elapsed() < time {
                latencies.push(writer.commit().await?);
            }
            anyhow::Ok((writer, latencies))
        }));
    }
    let mut latencies = Vec::new();
    for task in tasks {
        let (writer, of_writer) = task.await??;
        writers.push(writer);
        latencies.extend(of_writer);
    }
    Ok(Turn { elapsed: begun.elapsed(), latencies })
}
