//! Many batches over one call: each stored as a whole, in order.

use allmende_proto::telemetry::v1 as pb;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::{fields, run, start};

fn stream(
    batches: Vec<pb::RecordObservationsRequest>,
) -> impl tokio_stream::Stream<Item = pb::StreamObservationsRequest> {
    tokio_stream::iter(batches.into_iter().map(|batch| pb::StreamObservationsRequest { batch: Some(batch) }))
}

#[test]
fn batches_are_stored_in_their_order_and_summed() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        // Each contradicts the one before it once: the first value of a time must be the first batch's.
        let batches: Vec<_> = (0..200)
            .map(|batch| station.readings(&station.pm10, &[(batch, batch as f64), (batch + 1, -1.0)]))
            .collect();
        let answer = service.client.stream_observations(stream(batches.clone())).await.unwrap().into_inner();
        assert_eq!((answer.batches, answer.recorded, answer.repeated, answer.conflicting), (200, 201, 0, 199));
        service.settle(&answer.consistency_token).await;
        let read = service.observations(&station, &station.pm10, pb::Selection::All).await;
        assert_eq!(read.len(), 201);
        assert_eq!(read[0].result, 0.0);
        assert!(read[1..].iter().all(|observation| observation.result == -1.0));

        // Sent again, each batch gets its first answer.
        let head = service.log_head();
        let again = service.client.stream_observations(stream(batches)).await.unwrap().into_inner();
        assert_eq!((again.batches, again.recorded, again.conflicting), (200, 201, 199));
        assert_eq!(service.log_head(), head);

        // A batch is the same request with and without a stream.
        let alone = station.readings(&station.pm10, &[(500, 1.0)]);
        let first = service.client.record_observations(alone.clone()).await.unwrap().into_inner();
        let streamed = service.client.stream_observations(stream(vec![alone])).await.unwrap().into_inner();
        assert_eq!((streamed.recorded, streamed.consistency_token), (1, first.consistency_token));
        service.stop().await;
    });
}

#[test]
fn a_stream_ends_at_its_first_bad_batch_and_says_how_many_are_stored() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let good = |second| station.readings(&station.pm10, &[(second, 1.0)]);
        let mut bad = good(7);
        bad.columns[0].result.push(2.0);
        let batches = vec![good(1), good(2), bad, good(3)];
        let status = service.client.stream_observations(stream(batches)).await.unwrap_err();
        assert_eq!(
            (status.code(), fields(&status)),
            (Code::InvalidArgument, vec!["batch.columns[0].result".to_owned()])
        );
        assert_eq!(status.metadata().get("allmende-batches-stored").unwrap(), "2");
        assert_eq!(status.get_details_error_info().unwrap().metadata["batches_stored"], "2");
        let mark = service.record(&station, &station.pm10, &[(9, 1.0)]).await;
        assert_eq!(mark, (1, 0, 0));
        let read = service.observations(&station, &station.pm10, pb::Selection::All).await;
        assert_eq!(read.len(), 3, "the batch after the bad one is not stored");
        service.stop().await;
    });
}

#[test]
fn a_batch_that_the_rules_refuse_ends_the_stream_too() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let good = station.readings(&station.pm10, &[(1, 1.0)]);
        let unknown = station.readings(&station.id, &[(2, 1.0)]);
        let status = service.client.stream_observations(stream(vec![good, unknown])).await.unwrap_err();
        assert_eq!(status.code(), Code::NotFound);
        assert_eq!(status.get_details_error_info().unwrap().reason, "DATASTREAM_UNKNOWN");
        assert_eq!(status.metadata().get("allmende-batches-stored").unwrap(), "1");

        let without = tokio_stream::iter([pb::StreamObservationsRequest { batch: None }]);
        let status = service.client.stream_observations(without).await.unwrap_err();
        assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec!["batch".to_owned()]));
        let none = service.client.stream_observations(tokio_stream::empty()).await.unwrap().into_inner();
        assert_eq!(none, pb::StreamObservationsResponse::default());
        service.stop().await;
    });
}

#[test]
fn each_delivered_batch_is_answered_when_it_is_durable_and_before_the_next_is_sent() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let (batches, queued) = tokio::sync::mpsc::channel(1);
        let queued = tokio_stream::wrappers::ReceiverStream::new(queued);
        let mut answers = service.client.deliver_observations(queued).await.unwrap().into_inner();
        for second in 0..50 {
            let batch = station.readings(&station.pm10, &[(second, 1.0), (second + 1, 1.0)]);
            batches.send(pb::DeliverObservationsRequest { batch: Some(batch.clone()) }).await.unwrap();
            let answer = answers.message().await.unwrap().unwrap().batch.unwrap();
            assert_eq!((answer.recorded, answer.repeated), if second == 0 { (2, 0) } else { (1, 1) });
            // Durable, and the same request by itself.
            let again = service.client.record_observations(batch).await.unwrap().into_inner();
            assert_eq!(again, answer);
        }
        drop(batches);
        assert!(answers.message().await.unwrap().is_none());
        service.stop().await;
    });
}

#[test]
fn a_delivery_ends_at_its_first_bad_batch_after_the_answers_to_those_before() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let good = |second| station.readings(&station.pm10, &[(second, 1.0)]);
        let mut bad = good(7);
        bad.columns[0].result.push(2.0);
        let deliver = |batches: Vec<pb::RecordObservationsRequest>| {
            tokio_stream::iter(batches.into_iter().map(|batch| pb::DeliverObservationsRequest { batch: Some(batch) }))
        };
        let batches = deliver(vec![good(1), good(2), bad, good(3)]);
        let mut answers = service.client.deliver_observations(batches).await.unwrap().into_inner();
        for _ in 0..2 {
            assert_eq!(answers.message().await.unwrap().unwrap().batch.unwrap().recorded, 1);
        }
        let status = answers.message().await.unwrap_err();
        assert_eq!(fields(&status), ["batch.columns[0].result"]);

        let unknown = station.readings(&station.id, &[(2, 1.0)]);
        let mut answers =
            service.client.deliver_observations(deliver(vec![good(4), unknown, good(5)])).await.unwrap().into_inner();
        assert_eq!(answers.message().await.unwrap().unwrap().batch.unwrap().recorded, 1);
        let status = answers.message().await.unwrap_err();
        assert_eq!(status.get_details_error_info().unwrap().reason, "DATASTREAM_UNKNOWN");
        service.stop().await;
    });
}
