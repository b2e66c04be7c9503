use allmende_runtime::authorize::Role::{
    Approver, Auditor, DataProtectionOfficer, DataSteward, Integrator, PlatformOperator, ProcedureOwner, Surveyor,
    TenantAdministrator,
};
use allmende_runtime::authorize::{Entry, Role, Rule};

const DEFINE: Rule = Rule::AnyOf(&[DataSteward, ProcedureOwner, TenantAdministrator, PlatformOperator]);
const RECORD: Rule =
    Rule::AnyOf(&[DataSteward, ProcedureOwner, Surveyor, Integrator, TenantAdministrator, PlatformOperator]);
const RUN: Rule = Rule::AnyOf(&[DataSteward, ProcedureOwner, Approver, TenantAdministrator, PlatformOperator]);
const PUBLISH: Rule = Rule::AnyOf(&[Approver, TenantAdministrator, PlatformOperator]);

/// Who sees what is not published, and indicators that count persons.
pub(crate) const STAFF: &[Role] =
    &[DataSteward, ProcedureOwner, Approver, Auditor, DataProtectionOfficer, TenantAdministrator, PlatformOperator];

/// Who may call each rpc, for [`allmende_runtime::authorize::Table`]. What is published is public.
pub const AUTHORIZATION: &[Entry] = &[
    ("/allmende.reporting.v1.ReportingService/DefineIndicator", DEFINE),
    ("/allmende.reporting.v1.ReportingService/AddIndicatorRule", DEFINE),
    ("/allmende.reporting.v1.ReportingService/RecordReading", RECORD),
    ("/allmende.reporting.v1.ReportingService/DefineImpactLogic", DEFINE),
    ("/allmende.reporting.v1.ReportingService/DefineReport", DEFINE),
    ("/allmende.reporting.v1.ReportingService/RunReport", RUN),
    ("/allmende.reporting.v1.ReportingService/PublishReport", PUBLISH),
    ("/allmende.reporting.v1.ReportingService/GetReport", Rule::Visitor),
    ("/allmende.reporting.v1.ReportingService/ListReports", Rule::Visitor),
    ("/allmende.reporting.v1.ReportingService/ListRuns", Rule::Visitor),
    ("/allmende.reporting.v1.ReportingService/GetIndicator", Rule::Visitor),
    ("/allmende.reporting.v1.ReportingService/ListIndicators", Rule::Visitor),
    ("/allmende.reporting.v1.ReportingService/ListReadings", Rule::Visitor),
    ("/allmende.reporting.v1.ReportingService/GetImpactLogic", Rule::Visitor),
    ("/allmende.reporting.v1.ReportingService/ListImpactLogics", Rule::Visitor),
    ("/allmende.reporting.v1.ReportingService/RenderReport", Rule::Visitor),
];

#[cfg(test)]
mod tests {
    use allmende_runtime::authorize::{Table, assert_covers_packages};

    #[test]
    fn every_rpc_has_a_rule() {
        let packages = &["allmende.reporting.v1"];
        assert_covers_packages(&Table::new(&[super::AUTHORIZATION]), allmende_proto::FILE_DESCRIPTOR_SET, packages);
    }
}
