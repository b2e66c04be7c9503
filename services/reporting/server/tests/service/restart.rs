//! What was answered is there after a restart.

use allmende_proto::reporting::v1 as pb;

use crate::support::{definition, get_indicator, get_report, render, run, start, start_in};

#[test]
fn a_restarted_service_tells_the_same() {
    run(async {
        let mut service = start().await;
        let id = service.indicator(&[("2018-05-01", 130.0)]).await;
        let report = service.report(pb::ReportDefinition { indicator_ids: vec![id.clone()], ..definition() }).await;
        let ran = service.run(&report).await;
        service.publish(&ran.run_id).await;
        let indicator = service.client.get_indicator(get_indicator(&id)).await.unwrap().into_inner();
        let page =
            service.client.render_report(render(&ran.run_id, pb::ReportFormat::Html)).await.unwrap().into_inner();
        let data = service.stop().await;
        // Also from the log alone.
        std::fs::remove_dir_all(data.path().join("views")).unwrap();
        let mut service = start_in(data).await;
        assert_eq!(service.client.get_indicator(get_indicator(&id)).await.unwrap().into_inner(), indicator);
        let again =
            service.client.render_report(render(&ran.run_id, pb::ReportFormat::Html)).await.unwrap().into_inner();
        assert_eq!(again.content, page.content);
        let known = service.client.get_report(get_report(&report)).await.unwrap().into_inner().report.unwrap();
        assert_eq!(known.latest_published.unwrap().run_id, ran.run_id);
        service.stop().await;
    });
}
