use std::collections::VecDeque;
use std::future::{poll_fn, ready};
use std::pin::Pin;
use std::task::Poll;

use allmende_hosting::asked_as;
use allmende_proto::telemetry::v1 as pb;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::invalid_field;
use allmende_runtime::fields::ConsistencyToken;
use tonic::{Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::{Grpc, parse};
use crate::app::{Answer, Recorded};
use crate::authorization::RECORD_OBSERVATIONS;
use crate::error::Error;

/// Batches of a stream that are decided and wait for the disk. More are not read before one of them is stored.
const IN_FLIGHT: usize = 16;

/// Key of `ErrorInfo.metadata`, and with `allmende-` before it of the call's trailing metadata.
const BATCHES_STORED: &str = "batches_stored";
const BATCHES_STORED_HEADER: &str = "allmende-batches-stored";

type Recording<'a> = Pin<Box<dyn Future<Output = Result<Answer<Recorded>, Error>> + Send + 'a>>;

/// Batches stored without a gap from the first one on.
#[derive(Default)]
struct Stored {
    answer: pb::StreamObservationsResponse,
    seen: ConsistencyToken,
}

impl Stored {
    fn add(&mut self, Answer { value, seen }: Answer<Recorded>) {
        self.answer.batches += 1;
        self.answer.recorded += u64::from(value.recorded);
        self.answer.repeated += u64::from(value.repeated);
        self.answer.conflicting += u64::from(value.conflicting);
        seen.positions().for_each(|(partition, position)| self.seen.advance(partition.clone(), position));
    }
}

impl Grpc {
    /// Decides batches in the order in which they come, each while those before it are still written.
    ///
    /// A batch that fails ends the call, though some after it may be stored already: sent again under their ids they
    /// get their first answers.
    pub(super) async fn stream_observations(
        &self,
        caller: Caller,
        mut batches: Streaming<pb::StreamObservationsRequest>,
    ) -> Result<pb::StreamObservationsResponse, Status> {
        let mut stored = Stored::default();
        let mut in_flight: VecDeque<Recording<'_>> = VecDeque::new();
        let ended = loop {
            let full = in_flight.len() >= IN_FLIGHT;
            tokio::select! {
                biased;
                first = first(&mut in_flight) => match first {
                    Ok(answer) => stored.add(answer),
                    Err(error) => break Err(error.into()),
                },
                batch = batches.message(), if !full => match batch {
                    Ok(Some(batch)) => match self.begin(&caller, batch).await {
                        Ok(recording) => in_flight.push_back(recording),
                        Err(status) => break Err(status),
                    },
                    Ok(None) => break Ok(()),
                    Err(status) => break Err(status),
                },
            }
        };
        let mut ended = ended;
        while !in_flight.is_empty() {
            match first(&mut in_flight).await {
                Ok(answer) => stored.add(answer),
                // Came before whatever ended the loop.
                Err(error) => {
                    ended = Err(error.into());
                    break;
                }
            }
        }
        match ended {
            Ok(()) => Ok(pb::StreamObservationsResponse { consistency_token: stored.seen.to_text(), ..stored.answer }),
            Err(status) => Err(with_batches(status, stored.answer.batches)),
        }
    }

    /// Parses a batch and decides it, and leaves the wait for the disk.
    async fn begin(&self, caller: &Caller, message: pb::StreamObservationsRequest) -> Result<Recording<'_>, Status> {
        let Some(batch) = message.batch else { return Err(invalid_field("batch", "must be set")) };
        let parse = || {
            let tenant = caller.tenant(&batch.tenant)?;
            Ok((tenant, parse::record_observations(&batch, self.app.now())?))
        };
        let (tenant, (id, command)) = parse().map_err(of_batch)?;
        let asked = asked_as(RECORD_OBSERVATIONS, &self.app.installation, caller, id, &batch);
        let prepared = self.app.prepare(&tenant, command).await?;
        let mut recording: Recording<'_> = Box::pin(async move { self.app.record_prepared(&asked, prepared).await });
        // States are in memory, so the first poll decides and submits; batches are decided in their order.
        match poll_fn(|context| Poll::Ready(recording.as_mut().poll(context))).await {
            Poll::Ready(answer) => Ok(Box::pin(ready(answer))),
            Poll::Pending => Ok(recording),
        }
    }
}

/// The answer to the batch that came first of those in flight.
async fn first(in_flight: &mut VecDeque<Recording<'_>>) -> Result<Answer<Recorded>, Error> {
    let answer = match in_flight.front_mut() {
        Some(recording) => recording.await,
        None => std::future::pending().await,
    };
    in_flight.pop_front();
    answer
}

/// The status of a batch, with its fields named as the stream's message has them.
fn of_batch(status: Status) -> Status {
    let mut details = status.get_error_details();
    if let Some(bad_request) = details.bad_request() {
        let mut bad_request = bad_request.clone();
        for violation in &mut bad_request.field_violations {
            violation.field.insert_str(0, "batch.");
        }
        details.set_bad_request(bad_request.field_violations);
    }
    Status::with_error_details(status.code(), status.message(), details)
}

/// The status that ends a stream, with the number of batches that are stored.
fn with_batches(status: Status, batches: u64) -> Status {
    let mut details: ErrorDetails = status.get_error_details();
    if let Some(info) = details.error_info() {
        let mut info = info.clone();
        info.metadata.insert(BATCHES_STORED.to_owned(), batches.to_string());
        details.set_error_info(info.reason, info.domain, info.metadata);
    }
    let mut status = Status::with_error_details(status.code(), status.message(), details);
    status.metadata_mut().insert(BATCHES_STORED_HEADER, batches.into());
    status
}
