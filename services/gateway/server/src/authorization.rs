use allmende_runtime::authorize::Role::{Auditor, DataProtectionOfficer, PlatformOperator, TenantAdministrator};
use allmende_runtime::authorize::{Entry, Rule};

const OPERATE: Rule = Rule::AnyOf(&[PlatformOperator]);
const ADMINISTER: Rule = Rule::AnyOf(&[TenantAdministrator, PlatformOperator]);
const FORGET: Rule = Rule::AnyOf(&[DataProtectionOfficer]);
const OVERSEE: Rule = Rule::AnyOf(&[TenantAdministrator, Auditor, PlatformOperator]);
const LISTEN: Rule = Rule::AnyOf(&[TenantAdministrator, DataProtectionOfficer]);

/// The keys that access tokens are signed with, for everybody to check them.
pub(crate) const JWKS: &str = "GET /.well-known/allmende/jwks.json";

/// Where identity providers send people back to.
pub(crate) const SIGN_IN: &str = "GET /.well-known/allmende/sign-in";

/// Who may call each rpc and route, for [`allmende_runtime::authorize::Table`]. What leads to a token needs none. Accounts,
/// feedback and requests to be forgotten are a tenant's own affair: who runs the platform is not shown them.
pub const AUTHORIZATION: &[Entry] = &[
    ("/allmende.gateway.v1.IdentityService/Register", Rule::Visitor),
    ("/allmende.gateway.v1.IdentityService/ConfirmEmail", Rule::Visitor),
    ("/allmende.gateway.v1.IdentityService/SignIn", Rule::Visitor),
    ("/allmende.gateway.v1.IdentityService/GetSignInProviders", Rule::Visitor),
    ("/allmende.gateway.v1.IdentityService/BeginProviderSignIn", Rule::Visitor),
    ("/allmende.gateway.v1.IdentityService/CompleteProviderSignIn", Rule::Visitor),
    ("/allmende.gateway.v1.IdentityService/GetSignInMethods", Rule::SignedIn),
    ("/allmende.gateway.v1.IdentityService/BeginProviderLink", Rule::SignedIn),
    ("/allmende.gateway.v1.IdentityService/LinkProvider", Rule::SignedIn),
    ("/allmende.gateway.v1.IdentityService/UnlinkProvider", Rule::SignedIn),
    ("/allmende.gateway.v1.IdentityService/Refresh", Rule::Visitor),
    ("/allmende.gateway.v1.IdentityService/SignOut", Rule::Visitor),
    ("/allmende.gateway.v1.IdentityService/RequestPasswordReset", Rule::Visitor),
    ("/allmende.gateway.v1.IdentityService/ResetPassword", Rule::Visitor),
    ("/allmende.gateway.v1.IdentityService/GetMe", Rule::SignedIn),
    ("/allmende.gateway.v1.IdentityService/ListPeople", Rule::AnyOf(&[TenantAdministrator])),
    ("/allmende.gateway.v1.IdentityService/GrantRole", ADMINISTER),
    ("/allmende.gateway.v1.IdentityService/RevokeRole", ADMINISTER),
    ("/allmende.gateway.v1.IdentityService/ListGrants", OVERSEE),
    ("/allmende.gateway.v1.TenantService/RegisterTenant", OPERATE),
    ("/allmende.gateway.v1.TenantService/UpdateTenant", ADMINISTER),
    ("/allmende.gateway.v1.TenantService/GetTenant", Rule::Visitor),
    ("/allmende.gateway.v1.TenantService/ListTenants", Rule::Visitor),
    ("/allmende.gateway.v1.TenantService/SendFeedback", Rule::Visitor),
    ("/allmende.gateway.v1.TenantService/ListFeedback", LISTEN),
    ("/allmende.gateway.v1.TenantService/EraseFeedback", LISTEN),
    ("/allmende.gateway.v1.ErasureService/RequestErasure", Rule::SignedIn),
    ("/allmende.gateway.v1.ErasureService/DecideErasure", FORGET),
    ("/allmende.gateway.v1.ErasureService/ListErasureRequests", FORGET),
    ("/allmende.gateway.v1.ErasureService/GetErasure", Rule::SignedIn),
    ("/allmende.gateway.v1.MailService/ListOutbox", OVERSEE),
    ("/allmende.gateway.v1.MailService/RetryMail", ADMINISTER),
    ("/allmende.gateway.v1.MailService/DropMail", ADMINISTER),
    (JWKS, Rule::Visitor),
    (SIGN_IN, Rule::Visitor),
];

#[cfg(test)]
mod tests {
    use allmende_runtime::authorize::{Table, assert_covers_packages, assert_covers_routes};

    #[test]
    fn every_rpc_has_a_rule() {
        let packages = &["allmende.gateway.v1"];
        assert_covers_packages(&Table::new(&[super::AUTHORIZATION]), allmende_proto::FILE_DESCRIPTOR_SET, packages);
    }

    #[test]
    fn every_route_has_a_rule() {
        assert_covers_routes(&Table::new(&[super::AUTHORIZATION]), [super::JWKS, super::SIGN_IN]);
    }
}
