//! Lists give every entry once and in order, whatever the length of a page.

use allmende_proto::telemetry::v1 as pb;
use tonic::Code;

use crate::support::{DAY_US, SECOND_US, TENANT, fields, run, start};

#[test]
fn stations_come_ordered_by_id_in_pages_of_any_length() {
    run(async {
        let mut service = start().await;
        let mut ids = Vec::new();
        for _ in 0..5 {
            ids.push(service.station().await.id);
        }
        ids.sort();
        for page_size in [0, 1, 2, 5, 500] {
            let mut request = pb::ListStationsRequest { tenant: TENANT.into(), page_size, ..Default::default() };
            let mut listed = Vec::new();
            loop {
                let page = service.client.list_stations(request.clone()).await.unwrap().into_inner();
                assert!(!page.stations.is_empty(), "no page is empty");
                listed.extend(page.stations.into_iter().map(|station| station.station_id));
                if page.next_page_token.is_empty() {
                    break;
                }
                request.page_token = page.next_page_token;
            }
            assert_eq!(listed, ids, "pages of {page_size}");
        }
        service.stop().await;
    });
}

#[test]
fn observations_means_and_conflicts_page_too() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let day = DAY_US / SECOND_US;
        // Single readings and a block, with years of nothing between them.
        let times: Vec<i64> = [-400 * day, 0].into_iter().chain((1..30).map(|n| day + n * 1_000)).collect();
        let readings: Vec<(i64, f64)> = times.iter().map(|time| (*time, *time as f64)).collect();
        service.record(&station, &station.temperature, &readings[2..]).await;
        service.record(&station, &station.temperature, &readings[1..2]).await;
        service.record(&station, &station.temperature, &readings[..1]).await;
        let others: Vec<(i64, f64)> = times.iter().map(|time| (*time, 0.5)).collect();
        assert_eq!(service.record(&station, &station.temperature, &others).await, (0, 0, 31));

        let whole = service.observations(&station, &station.temperature, pb::Selection::All).await;
        assert_eq!(
            whole.iter().map(|o| o.result).collect::<Vec<_>>(),
            readings.iter().map(|r| r.1).collect::<Vec<_>>()
        );
        let hours = service.means(&station, &station.temperature, pb::Period::Hour, pb::Selection::All).await;
        assert_eq!(hours.len(), 2 + 9);
        let days = service.means(&station, &station.temperature, pb::Period::Day, pb::Selection::All).await;
        assert_eq!(days.len(), 3);
        let years = service.means(&station, &station.temperature, pb::Period::Year, pb::Selection::All).await;
        assert_eq!(years.iter().map(|year| year.label.as_str()).collect::<Vec<_>>(), ["2019", "2020"]);
        for page_size in [1, 2, 7, 31] {
            let mut request = pb::ListObservationsRequest {
                page_size,
                ..station.observations(&station.temperature, pb::Selection::All)
            };
            let mut listed = Vec::new();
            loop {
                let page = service.client.list_observations(request.clone()).await.unwrap().into_inner();
                assert!(!page.observations.is_empty() && page.observations.len() <= page_size as usize);
                listed.extend(page.observations);
                if page.next_page_token.is_empty() {
                    break;
                }
                request.page_token = page.next_page_token;
            }
            assert_eq!(listed, whole, "pages of {page_size}");

            for (period, expected) in [(pb::Period::Hour, &hours), (pb::Period::Day, &days), (pb::Period::Year, &years)]
            {
                let mut request = pb::ListMeansRequest {
                    page_size,
                    ..station.means(&station.temperature, period, pb::Selection::All)
                };
                let mut listed = Vec::new();
                loop {
                    let page = service.client.list_means(request.clone()).await.unwrap().into_inner();
                    assert!(!page.means.is_empty() && page.means.len() <= page_size as usize);
                    listed.extend(page.means);
                    if page.next_page_token.is_empty() {
                        break;
                    }
                    request.page_token = page.next_page_token;
                }
                assert_eq!(&listed, expected, "{period:?} in pages of {page_size}");
            }

            let mut request = pb::ListConflictsRequest { page_size, ..station.conflicts(&station.temperature) };
            let mut conflicts = 0;
            loop {
                let page = service.client.list_conflicts(request.clone()).await.unwrap().into_inner();
                conflicts += page.conflicts.len();
                if page.next_page_token.is_empty() {
                    break;
                }
                request.page_token = page.next_page_token;
            }
            assert_eq!(conflicts, 31);
        }
        service.stop().await;
    });
}

#[test]
fn a_token_fits_its_own_query_only() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        service.record(&station, &station.pm10, &[(0, 1.0), (1, 2.0)]).await;
        let request =
            pb::ListObservationsRequest { page_size: 1, ..station.observations(&station.pm10, pb::Selection::All) };
        let page = service.client.list_observations(request.clone()).await.unwrap().into_inner();
        let page_token = page.next_page_token;
        assert!(!page_token.is_empty());
        let longer = pb::ListObservationsRequest { page_size: 5, page_token: page_token.clone(), ..request.clone() };
        assert_eq!(service.client.list_observations(longer).await.unwrap().into_inner().observations.len(), 1);
        for other in [
            pb::ListObservationsRequest { selection: pb::Selection::Dry.into(), ..request.clone() },
            pb::ListObservationsRequest { to_us: request.to_us + 1, ..request.clone() },
            pb::ListObservationsRequest { datastream_id: station.pm25.clone(), ..request.clone() },
            pb::ListObservationsRequest { tenant: "bonn".into(), ..request.clone() },
        ] {
            let other = pb::ListObservationsRequest { page_token: page_token.clone(), ..other };
            let status = service.client.list_observations(other).await.unwrap_err();
            assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec!["page_token".to_owned()]));
        }
        service.stop().await;
    });
}
