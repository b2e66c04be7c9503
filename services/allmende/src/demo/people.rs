//! Demo users: for each tenant a moderator and somebody of the administration, and citizens who take part everywhere.
//! Their addresses are in `.example`, where there is no mail (RFC 2606); what is sent to them lies in a folder.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use allmende_proto::gateway::v1 as pb;
use allmende_runtime::read_or_create_secret;
use anyhow::{Context as _, bail};
use tonic::Code;
use uuid::Uuid;

use super::clients::Clients;
use super::seed::Seed;
use super::texts::Municipality;

/// The password of all of them, made with the installation: what is known to everybody would open real data that is put
/// beside the demo's.
const PASSWORD_FILE: &str = "demo.password";
/// What a mail may take on a machine that has much else to do.
const PATIENCE: Duration = Duration::from_secs(120);
/// How many citizens there are.
pub(super) const CITIZENS: usize = 8;

const MODERATION: &[pb::Role] = &[pb::Role::Moderator, pb::Role::CaseWorker];
const ADMINISTRATION: &[pb::Role] = &[
    pb::Role::ProcedureOwner,
    pb::Role::Approver,
    pb::Role::DataSteward,
    pb::Role::DataProtectionOfficer,
    pb::Role::TenantAdministrator,
];

/// The staff of a tenant.
#[derive(Clone)]
pub(super) struct Staff {
    /// Decides what is shown.
    pub(super) moderation: Clients,
    /// Runs procedures and answers.
    pub(super) administration: Clients,
}

/// Makes accounts and signs people in.
#[derive(Clone)]
pub(super) struct Door<'a> {
    pub(super) operator: &'a Clients,
    pub(super) password: &'a str,
    /// Where mails are written to.
    pub(super) mails: &'a Path,
}

/// Where the demo users' password is.
pub(super) fn password_file(data: &Path) -> PathBuf {
    data.join(PASSWORD_FILE)
}

/// The demo users' password: read, or made at the first start.
pub(super) fn password(data: &Path) -> anyhow::Result<String> {
    let secret = read_or_create_secret(&password_file(data), || {
        // The second half of such an id is random.
        let random = Uuid::now_v7().simple().to_string();
        format!("demo-{}\n", &random[16..]).into_bytes()
    })?;
    Ok(String::from_utf8(secret)?.trim().to_owned())
}

/// The addresses of a tenant's staff.
pub(super) fn staff_addresses(tenant: &str) -> [String; 2] {
    ["moderation", "verwaltung"].map(|name| format!("{name}@{tenant}.example"))
}

/// The address of a citizen, from 1.
pub(super) fn citizen_address(number: usize) -> String {
    format!("buergerin-{number}@demo.example")
}

impl Door<'_> {
    /// The staff of a tenant, with what they may do.
    pub(super) async fn staff(&self, town: &Municipality, seed: &Seed) -> anyhow::Result<Staff> {
        let [moderation, administration] = staff_addresses(town.key);
        Ok(Staff {
            moderation: self.employee(seed, &moderation, "Demo: Moderation", MODERATION).await?,
            administration: self.employee(seed, &administration, "Demo: Verwaltung", ADMINISTRATION).await?,
        })
    }

    async fn employee(&self, seed: &Seed, email: &str, name: &str, roles: &[pb::Role]) -> anyhow::Result<Clients> {
        let (subject_id, clients) = self.person(seed, email, name).await?;
        for role in roles {
            let request = pb::GrantRoleRequest {
                tenant: seed.tenant(),
                request_id: seed.request_id(&format!("grant {email} {}", role.as_str_name())),
                subject_id: subject_id.clone(),
                role: (*role).into(),
                ..Default::default()
            };
            self.operator.identity().grant_role(request).await.with_context(|| format!("a role of {email}"))?;
        }
        Ok(clients)
    }

    /// A citizen with an account at a tenant.
    pub(super) async fn citizen(&self, seed: &Seed, number: usize) -> anyhow::Result<Clients> {
        let (_, clients) = self.person(seed, &citizen_address(number), &format!("Demo: Bürgerin {number}")).await?;
        Ok(clients)
    }

    /// Signs a person in, and makes the account first if there is none.
    async fn person(&self, seed: &Seed, email: &str, name: &str) -> anyhow::Result<(String, Clients)> {
        let session = match self.sign_in(email).await? {
            Some(session) => session,
            None => {
                self.register(seed, email, name).await.with_context(|| format!("the account of {email}"))?;
                self.sign_in(email).await?.with_context(|| format!("{email} cannot sign in"))?
            }
        };
        Ok((session.subject_id, self.operator.with_token(&session.access_token)?))
    }

    async fn sign_in(&self, email: &str) -> anyhow::Result<Option<pb::Session>> {
        let request =
            pb::SignInRequest { email: email.to_owned(), password: self.password.to_owned(), ..Default::default() };
        match self.operator.identity().sign_in(request).await {
            Ok(answer) => Ok(answer.into_inner().session),
            Err(status) if status.code() == Code::Unauthenticated => Ok(None),
            Err(status) => Err(status).context("signing in"),
        }
    }

    async fn register(&self, seed: &Seed, email: &str, name: &str) -> anyhow::Result<()> {
        let mut identity = self.operator.identity();
        let request = pb::RegisterRequest {
            tenant: seed.tenant(),
            request_id: seed.request_id(&format!("register {email}")),
            email: email.to_owned(),
            password: String::new(),
            name: name.to_owned(),
            language: pb::Language::De.into(),
        };
        identity.register(request).await?;
        let code = self.code(email).await?;
        let request_id = seed.request_id(&format!("confirm {email}"));
        let (tenant, password) = (seed.tenant(), self.password.to_owned());
        identity.confirm_email(pb::ConfirmEmailRequest { tenant, request_id, code, password }).await?;
        Ok(())
    }

    /// The code of the mail that is on its way to an address.
    async fn code(&self, email: &str) -> anyhow::Result<String> {
        let patience = Instant::now() + PATIENCE;
        while Instant::now() < patience {
            let (folder, email) = (self.mails.to_owned(), email.to_owned());
            let found = tokio::task::spawn_blocking(move || code_in(&folder, &email)).await??;
            if let Some(code) = found {
                return Ok(code);
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("no mail came into {}", self.mails.display())
    }
}

fn code_in(folder: &Path, email: &str) -> anyhow::Result<Option<String>> {
    let recipient = format!("To: {email}");
    let mut latest = None;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "eml") {
            continue;
        }
        // Long lines are broken as quoted-printable has it.
        let text = std::fs::read_to_string(&path)?.replace("=\r\n", "").replace("=3D", "=");
        let Some((_, after)) = text.split_once("/konto/bestaetigen?code=") else { continue };
        if text.lines().any(|line| line.trim_end() == recipient) {
            let written = path.metadata()?.modified()?;
            let code = after.split_whitespace().next().unwrap_or_default().to_owned();
            latest = latest.max(Some((written, code)));
        }
    }
    Ok(latest.map(|(_, code)| code))
}
