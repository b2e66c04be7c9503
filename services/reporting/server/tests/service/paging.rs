//! Lists give every entry once and in order, whatever the length of a page.

use allmende_proto::reporting::v1 as pb;
use tonic::Code;

use crate::support::{TENANT, definition, fields, impact_logic, readings, run, start};

/// Every item of a list in pages of a length.
macro_rules! listed {
    ($service:ident . $rpc:ident, $request:expr, $items:ident) => {{
        let mut request = $request;
        let mut listed = Vec::new();
        loop {
            let page = $service.client.$rpc(request.clone()).await.unwrap().into_inner();
            assert!(!page.$items.is_empty(), "no page is empty");
            listed.extend(page.$items);
            if page.next_page_token.is_empty() {
                break listed;
            }
            request.page_token = page.next_page_token;
        }
    }};
}

#[test]
fn everything_is_listed_once_and_in_order() {
    run(async {
        let mut service = start().await;
        let mut indicators = Vec::new();
        for _ in 0..4 {
            let on: Vec<String> = (1..=7).map(|day| format!("2018-05-0{day}")).collect();
            let values: Vec<(&str, f64)> = on.iter().map(|on| (on.as_str(), 1.0)).collect();
            indicators.push(service.indicator(&values).await);
        }
        let mut logics = Vec::new();
        for _ in 0..3 {
            let logic = impact_logic(&[]);
            logics.push(logic.impact_logic.as_ref().unwrap().impact_logic_id.clone());
            let defined = service.client.define_impact_logic(logic).await.unwrap().into_inner();
            service.settle(&defined.consistency_token).await;
        }
        let mut reports = Vec::new();
        for _ in 0..3 {
            reports.push(service.report(definition()).await);
        }
        let mut runs = Vec::new();
        for _ in 0..5 {
            runs.push(service.run(&reports[0]).await.run_id);
        }
        for ids in [&mut indicators, &mut logics, &mut reports] {
            ids.sort();
        }
        for page_size in [0, 1, 2, 3, 200] {
            let request = pb::ListIndicatorsRequest { tenant: TENANT.into(), page_size, ..Default::default() };
            let listed: Vec<String> =
                listed!(service.list_indicators, request, indicators).into_iter().map(|it| it.indicator_id).collect();
            assert_eq!(listed, indicators);
            let request = pb::ListImpactLogicsRequest { tenant: TENANT.into(), page_size, ..Default::default() };
            let listed: Vec<String> = listed!(service.list_impact_logics, request, impact_logics)
                .into_iter()
                .map(|it| it.impact_logic_id)
                .collect();
            assert_eq!(listed, logics);
            let request = pb::ListReportsRequest { tenant: TENANT.into(), page_size, ..Default::default() };
            let listed: Vec<pb::Report> = listed!(service.list_reports, request, reports);
            let ids: Vec<String> = listed.iter().map(|it| it.definition.as_ref().unwrap().report_id.clone()).collect();
            assert_eq!(ids, reports);
            let ran = listed.iter().find(|report| report.runs == 5).unwrap();
            let report_id = ran.definition.as_ref().unwrap().report_id.clone();
            let request = pb::ListRunsRequest { tenant: TENANT.into(), report_id, page_size, ..Default::default() };
            let mut listed: Vec<String> =
                listed!(service.list_runs, request, runs).into_iter().map(|it| it.run_id).collect();
            // All at the same moment, as the clock stands still.
            listed.sort();
            runs.sort();
            assert_eq!(listed, runs);
            let request = pb::ListReadingsRequest { page_size, ..readings(&indicators[0]) };
            let days: Vec<String> = listed!(service.list_readings, request, readings)
                .into_iter()
                .map(|it| it.reading.unwrap().measured_on)
                .collect();
            assert_eq!(days.len(), 7);
            assert!(days.is_sorted());
        }
        service.stop().await;
    });
}

#[test]
fn a_token_fits_its_own_query_only() {
    run(async {
        let mut service = start().await;
        let id = service.indicator(&[("2018-05-01", 1.0), ("2018-05-02", 1.0)]).await;
        let request = pb::ListReadingsRequest { page_size: 1, ..readings(&id) };
        let page_token = service.client.list_readings(request.clone()).await.unwrap().into_inner().next_page_token;
        assert!(!page_token.is_empty());
        let other = pb::ListReadingsRequest { page_token, last_day: "2019-12-31".into(), ..request };
        let status = service.client.list_readings(other).await.unwrap_err();
        assert_eq!((status.code(), fields(&status)), (Code::InvalidArgument, vec!["page_token".to_owned()]));
        service.stop().await;
    });
}
