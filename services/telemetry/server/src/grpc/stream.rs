//! Many batches over one call: each stored as a whole, in order.

use std::collections::VecDeque;
use std::future::{poll_fn, ready};
use std::pin::Pin;
use std::task::Poll;

use allmende_hosting::asked_as;
use allmende_proto::telemetry::v1 as pb;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::invalid_field;
use allmende_runtime::fields::ConsistencyToken;
use futures_util::Stream;
use futures_util::stream::unfold;
use tonic::{Status, Streaming};
use tonic_types::{ErrorDetails, StatusExt as _};

use super::{Grpc, parse, reply};
use crate::app::{Answer, Recorded};
use crate::authorization::RECORD_OBSERVATIONS;
use crate::error::Error;

/// Batches of a stream that are decided and wait for the disk. More are not read before one of them is stored.
const IN_FLIGHT: usize = 16;

/// Key of `ErrorInfo.metadata`, and with `allmende-` before it of the call's trailing metadata.
const BATCHES_STORED: &str = "batches_stored";
const BATCHES_STORED_HEADER: &str = "allmende-batches-stored";

type Recording = Pin<Box<dyn Future<Output = Result<Answer<Recorded>, Error>> + Send>>;

/// A stream's message, for its batch.
pub(super) trait Message {
    /// The batch, if there is one.
    fn batch(self) -> Option<pb::RecordObservationsRequest>;
}

impl Message for pb::StreamObservationsRequest {
    fn batch(self) -> Option<pb::RecordObservationsRequest> {
        self.batch
    }
}

impl Message for pb::DeliverObservationsRequest {
    fn batch(self) -> Option<pb::RecordObservationsRequest> {
        self.batch
    }
}

/// Batches as they come, and what became of them in the same order.
///
/// Batches are decided in the order in which they come, each while those before it are still written. One that fails
/// ends the call, though some after it may be stored already: sent again under their ids they get their first answers.
struct Batches<M> {
    grpc: Grpc,
    caller: Caller,
    incoming: Streaming<M>,
    in_flight: VecDeque<Recording>,
    /// No batch is taken any more; the status is told when everything before it is.
    ended: Option<Result<(), Status>>,
}

impl<M: Message> Batches<M> {
    fn new(grpc: &Grpc, caller: Caller, incoming: Streaming<M>) -> Self {
        Self { grpc: grpc.clone(), caller, incoming, in_flight: VecDeque::new(), ended: None }
    }

    /// What became of the next batch.
    async fn next(&mut self) -> Option<Result<Answer<Recorded>, Status>> {
        loop {
            if self.in_flight.is_empty()
                && let Some(ended) = self.ended.take()
            {
                self.ended = Some(Ok(()));
                return ended.err().map(Err);
            }
            let takes = self.ended.is_none() && self.in_flight.len() < IN_FLIGHT;
            tokio::select! {
                biased;
                first = first(&mut self.in_flight) => {
                    if first.is_err() {
                        self.in_flight.clear();
                        self.ended = Some(Ok(()));
                    }
                    return Some(first.map_err(Status::from));
                }
                message = self.incoming.message(), if takes => {
                    let begun = match message {
                        Ok(Some(message)) => begin(&self.grpc, &self.caller, message).await.map(Some),
                        Ok(None) => Ok(None),
                        Err(status) => Err(status),
                    };
                    match begun {
                        Ok(Some(recording)) => self.in_flight.push_back(recording),
                        Ok(None) => self.ended = Some(Ok(())),
                        Err(status) => self.ended = Some(Err(status)),
                    }
                }
            }
        }
    }
}

/// Parses a batch and decides it, and leaves the wait for the disk.
async fn begin(grpc: &Grpc, caller: &Caller, message: impl Message) -> Result<Recording, Status> {
    let Some(batch) = message.batch() else { return Err(invalid_field("batch", "must be set")) };
    let app = &grpc.app;
    let parse = || {
        let tenant = caller.tenant(&batch.tenant)?;
        Ok((tenant, parse::record_observations(&batch, app.now())?))
    };
    let (tenant, (id, command)) = parse().map_err(of_batch)?;
    let asked = asked_as(RECORD_OBSERVATIONS, &app.installation, caller, id, &batch);
    let prepared = app.prepare(&tenant, command).await?;
    let app = app.clone();
    let mut recording: Recording = Box::pin(async move { app.record_prepared(&asked, prepared).await });
    // States are in memory, so the first poll decides and submits; batches are decided in their order.
    match poll_fn(|context| Poll::Ready(recording.as_mut().poll(context))).await {
        Poll::Ready(answer) => Ok(Box::pin(ready(answer))),
        Poll::Pending => Ok(recording),
    }
}

impl Grpc {
    /// Answers once, when all batches are stored.
    pub(super) async fn stream_observations(
        &self,
        caller: Caller,
        incoming: Streaming<pb::StreamObservationsRequest>,
    ) -> Result<pb::StreamObservationsResponse, Status> {
        let mut batches = Batches::new(self, caller, incoming);
        let mut stored = pb::StreamObservationsResponse::default();
        let mut seen = ConsistencyToken::default();
        while let Some(answer) = batches.next().await {
            let answer = answer.map_err(|status| with_batches(status, stored.batches))?;
            stored.batches += 1;
            stored.recorded += u64::from(answer.value.recorded);
            stored.repeated += u64::from(answer.value.repeated);
            stored.conflicting += u64::from(answer.value.conflicting);
            answer.seen.positions().for_each(|(partition, position)| seen.advance(partition.clone(), position));
        }
        Ok(pb::StreamObservationsResponse { consistency_token: seen.to_text(), ..stored })
    }

    /// Answers each batch when it is stored.
    pub(super) fn deliver_observations(
        &self,
        caller: Caller,
        incoming: Streaming<pb::DeliverObservationsRequest>,
    ) -> impl Stream<Item = Result<pb::DeliverObservationsResponse, Status>> + Send + use<> {
        unfold(Batches::new(self, caller, incoming), |mut batches| async move {
            let answer = batches.next().await?;
            let response =
                answer.map(|answer| pb::DeliverObservationsResponse { batch: Some(reply::recorded(answer)) });
            Some((response, batches))
        })
    }
}

/// The answer to the batch that came first of those in flight.
async fn first(in_flight: &mut VecDeque<Recording>) -> Result<Answer<Recorded>, Error> {
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
