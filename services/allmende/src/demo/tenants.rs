//! The nine tenants: their names say that they are demo data, and they carry gateway's marker.

use allmende_proto::gateway::v1 as pb;
use anyhow::Context as _;
use tonic::Code;
use uuid::Uuid;

use super::clients::Clients;
use super::seed::Seed;
use super::texts::Municipality;

const IMPRINT: &str = "## Demodaten\n\nDiese Seiten wurden erzeugt, um die Plattform zu zeigen. Sie werden nicht von der \
    genannten Kommune betrieben, und keine ihrer Angaben stammt von ihr.\n\nVerantwortlich ist, wer diese Installation \
    betreibt.";
const PRIVACY: &str = "## Datenschutz\n\nIn dieser Demonstration gibt es keine Daten wirklicher Personen. Konten, Beiträge \
    und Messwerte wurden erzeugt. Bitte geben Sie hier nichts Persönliches ein.\n\nWas Sie dennoch schreiben, können Sie \
    unter *Meine Beiträge* zurückziehen oder löschen lassen.";
const ACCESSIBILITY: &str = "## Erklärung zur Barrierefreiheit\n\nDie Seiten sollen den Anforderungen der BITV 2.0 \
    genügen. Diese Erklärung gehört zur Demonstration und ersetzt keine Prüfung.\n\nBarrieren melden Sie bitte über das \
    Formular *Rückmeldung*.";
const CONTACT: &str = "Demodaten: Es gibt keine Anschrift. Bitte nutzen Sie das Formular *Rückmeldung*.";

/// Registers a tenant unless it is there. `None`: one of that name is there, and is no demo.
pub(super) async fn register(operator: &Clients, town: &'static Municipality) -> anyhow::Result<Option<Seed>> {
    let mut tenants = operator.tenants();
    let asked = pb::GetTenantRequest { tenant: town.key.to_owned(), consistency_token: String::new() };
    let tenant = match tenants.get_tenant(asked).await {
        Ok(answer) => answer.into_inner().tenant,
        Err(status) if status.code() == Code::NotFound => {
            // The one request whose moment is not known before it was answered.
            let request_id = Uuid::now_v7().to_string();
            let request = pb::RegisterTenantRequest { request_id, tenant: Some(profile(town)) };
            tenants
                .register_tenant(request)
                .await
                .with_context(|| format!("registering {}", town.key))?
                .into_inner()
                .tenant
        }
        Err(status) => return Err(status).with_context(|| format!("looking for {}", town.key)),
    };
    let tenant = tenant.context("the gateway answered without a tenant")?;
    match tenant.demo {
        true => Ok(Some(Seed::new(town.key, tenant.registered_at_us)?)),
        false => Ok(None),
    }
}

fn profile(town: &Municipality) -> pb::Tenant {
    let text = |de: &str| Some(pb::LocalizedText { de: de.to_owned(), en: String::new() });
    pb::Tenant {
        tenant: town.key.to_owned(),
        name: format!("{} (Demodaten)", town.name),
        kind: town.kind.into(),
        regional_key: town.regional_key.to_owned(),
        imprint: text(IMPRINT),
        privacy_notice: text(PRIVACY),
        accessibility_statement: text(ACCESSIBILITY),
        contact: text(CONTACT),
        demo: true,
        registered_at_us: 0,
    }
}
