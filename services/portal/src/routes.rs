//! Which page is where. Addresses are German, as the mails of the gateway have them.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use allmende_runtime::authorize::Routes;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use tonic::transport::Channel;

use crate::api::Api;
use crate::assets;
use crate::config::{Config, FormKey};
use crate::pages::{
    account, contributions, data, documents, legal, procedures, projects, reports, search, section, staff, start,
    stations, submit,
};
use crate::visit::{Portal, accompany, missing};

/// The largest form: a text of 1 MiB as a browser encodes it, or two files beside a text.
const MAX_FORM: usize = 4 << 20;

type BoxFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

/// The pages, without a guard; the rules are [`crate::AUTHORIZATION`]. `channel` leads to the gRPC services.
pub fn routes(config: Config, key: FormKey, channel: Channel) -> Routes {
    let portal = portal(config, key, channel);
    pages().map(|router| router.layer(from_fn_with_state(portal, accompany)).layer(DefaultBodyLimit::max(MAX_FORM)))
}

/// The same as a whole site, with a page for what is not there.
pub fn router(config: Config, key: FormKey, channel: Channel) -> Router {
    let absent = not_found(config.clone(), key.clone(), channel.clone());
    let portal = portal(config, key, channel);
    let mut site = Router::new();
    let _ = pages().map(|router| {
        site = router.layer(from_fn_with_state(portal, accompany)).layer(DefaultBodyLimit::max(MAX_FORM));
        Router::new()
    });
    site.fallback(absent)
}

/// The page for what no route is for: the fallback of the router that the pages are merged into.
pub fn not_found(
    config: Config,
    key: FormKey,
    channel: Channel,
) -> impl Fn(Request) -> BoxFuture + Clone + Send + Sync + 'static {
    let portal = portal(config, key, channel);
    move |request| {
        let portal = portal.clone();
        Box::pin(async move { missing(&portal, request).await })
    }
}

fn portal(config: Config, key: FormKey, channel: Channel) -> Portal {
    let api = Api::new(channel, Duration::from_secs(config.call_timeout_s.max(1)));
    Portal { api, config: Arc::new(config), key }
}

fn pages() -> Routes {
    Routes::new()
        .route("GET /", start::installation)
        .route("GET /assets/{file}", assets::get)
        .route("GET /{tenant}", start::tenant)
        .route("GET /{tenant}/verfahren", procedures::list)
        .route("GET /{tenant}/verfahren/{id}", procedures::show)
        .route("GET /{tenant}/verfahren/{id}/beitraege", contributions::list)
        .route("GET /{tenant}/verfahren/{id}/beitraege/neu", submit::show)
        .route("POST /{tenant}/verfahren/{id}/beitraege/neu", submit::submit)
        .route("GET /{tenant}/beitraege/{id}", contributions::show)
        .route("POST /{tenant}/beitraege/{id}", contributions::submit)
        .route("POST /{tenant}/beitraege/{id}/unterstuetzen", contributions::support)
        .route("POST /{tenant}/beitraege/{id}/nicht-mehr-unterstuetzen", contributions::support_no_more)
        .route("POST /{tenant}/beitraege/{id}/zurueckziehen", contributions::take_back)
        .route("GET /{tenant}/beitraege/{id}/anhang/{attachment}", contributions::attachment)
        .route("GET /{tenant}/texte/{id}", documents::show)
        .route("GET /{tenant}/texte/{id}/aenderungen", documents::changes)
        .route("GET /{tenant}/texte/{id}/synopse", documents::synopsis)
        .route("GET /{tenant}/texte/{id}/abschnitte/{section}", section::show)
        .route("POST /{tenant}/texte/{id}/abschnitte/{section}", section::submit)
        .route("GET /{tenant}/vorhaben", projects::list)
        .route("GET /{tenant}/vorhaben/{id}", projects::show)
        .route("GET /{tenant}/suche", search::show)
        .route("GET /{tenant}/messstellen", stations::list)
        .route("GET /{tenant}/messstellen/{id}", stations::show)
        .route("GET /{tenant}/daten", data::list)
        .route("GET /{tenant}/daten/{id}", data::show)
        .route("GET /{tenant}/berichte", reports::list)
        .route("GET /{tenant}/berichte/{id}", reports::show)
        .route("GET /{tenant}/berichte/laeufe/{id}", reports::run)
        .route("GET /{tenant}/impressum", legal::imprint)
        .route("GET /{tenant}/datenschutz", legal::privacy)
        .route("GET /{tenant}/barrierefreiheit", legal::accessibility)
        .route("GET /{tenant}/rueckmeldung", legal::feedback)
        .route("POST /{tenant}/rueckmeldung", legal::send_feedback)
        .route("GET /{tenant}/konto", account::own::show)
        .route("GET /{tenant}/konto/anmelden", account::sign_in::show)
        .route("POST /{tenant}/konto/anmelden", account::sign_in::submit)
        .route("GET /{tenant}/konto/anmelden/mit/{provider}", account::provider::begin)
        .route("GET /{tenant}/konto/anmelden/rueckkehr", account::provider::back)
        .route("GET /{tenant}/konto/anmeldewege", account::methods::show)
        .route("POST /{tenant}/konto/anmeldewege/{id}/verknuepfen", account::methods::link)
        .route("GET /{tenant}/konto/anmeldewege/rueckkehr", account::methods::back)
        .route("POST /{tenant}/konto/anmeldewege/{id}/loesen", account::methods::unlink)
        .route("POST /{tenant}/konto/abmelden", account::sign_in::sign_out)
        .route("GET /{tenant}/konto/registrieren", account::register::show)
        .route("POST /{tenant}/konto/registrieren", account::register::submit)
        .route("GET /{tenant}/konto/bestaetigen", account::register::show_confirm)
        .route("POST /{tenant}/konto/bestaetigen", account::register::confirm)
        .route("GET /{tenant}/konto/passwort-vergessen", account::password::show_ask)
        .route("POST /{tenant}/konto/passwort-vergessen", account::password::ask)
        .route("GET /{tenant}/konto/passwort", account::password::show_set)
        .route("POST /{tenant}/konto/passwort", account::password::set)
        .route("GET /{tenant}/konto/loeschung", account::erasure::show)
        .route("POST /{tenant}/konto/loeschung", account::erasure::submit)
        .route("GET /{tenant}/konto/loeschung/{id}", account::erasure::one)
        .route("GET /{tenant}/verwaltung", staff::overview::show)
        .route("GET /{tenant}/verwaltung/verfahren-eroeffnen", staff::opening::show)
        .route("POST /{tenant}/verwaltung/verfahren-eroeffnen", staff::opening::submit)
        .route("GET /{tenant}/verwaltung/verfahren/{id}", staff::overview::procedure)
        .route("POST /{tenant}/verwaltung/verfahren/{id}", staff::overview::publish_status)
        .route("GET /{tenant}/verwaltung/verfahren/{id}/moderation", staff::moderation::queue)
        .route("GET /{tenant}/verwaltung/moderation/{id}", staff::moderation::show)
        .route("POST /{tenant}/verwaltung/moderation/{id}", staff::moderation::decide)
        .route("GET /{tenant}/verwaltung/verfahren/{id}/briefe", staff::letters::show)
        .route("POST /{tenant}/verwaltung/verfahren/{id}/briefe", staff::letters::submit)
        .route("GET /{tenant}/verwaltung/verfahren/{id}/themen", staff::themes::show)
        .route("POST /{tenant}/verwaltung/verfahren/{id}/themen", staff::themes::submit)
        .route("GET /{tenant}/verwaltung/verfahren/{id}/entwurf", staff::texts::show_draft)
        .route("POST /{tenant}/verwaltung/verfahren/{id}/entwurf", staff::texts::publish_draft)
        .route("GET /{tenant}/verwaltung/texte/{id}", staff::texts::show)
        .route("POST /{tenant}/verwaltung/texte/{id}", staff::texts::submit)
        .route("GET /{tenant}/verwaltung/texte/{id}/antworten", staff::answers::unanswered)
        .route("GET /{tenant}/verwaltung/antworten/{id}", staff::answers::show)
        .route("POST /{tenant}/verwaltung/antworten/{id}", staff::answers::submit)
        .route("GET /{tenant}/verwaltung/loeschungen", staff::erasures::list)
        .route("GET /{tenant}/verwaltung/loeschungen/{id}", staff::erasures::show)
        .route("POST /{tenant}/verwaltung/loeschungen/{id}", staff::erasures::decide)
        .route("GET /{tenant}/verwaltung/rechte", staff::rights::show)
        .route("POST /{tenant}/verwaltung/rechte", staff::rights::grant)
        .route("POST /{tenant}/verwaltung/rechte/entziehen", staff::rights::revoke)
        .route("GET /{tenant}/verwaltung/daten", staff::releases::list)
        .route("GET /{tenant}/verwaltung/daten/{id}", staff::releases::show)
        .route("POST /{tenant}/verwaltung/daten/{id}", staff::releases::submit)
        .route("GET /{tenant}/verwaltung/rueckmeldungen", staff::messages::list)
        .route("POST /{tenant}/verwaltung/rueckmeldungen/{id}/loeschen", staff::messages::erase)
        .route("GET /{tenant}/verwaltung/verfahren/{id}/ablauf", staff::course::show)
        .route("POST /{tenant}/verwaltung/verfahren/{id}/ablauf", staff::course::submit)
        .route("GET /{tenant}/verwaltung/verfahren/{id}/vorhaben", staff::projects::list)
        .route("POST /{tenant}/verwaltung/verfahren/{id}/vorhaben", staff::projects::start)
        .route("GET /{tenant}/verwaltung/vorhaben/{id}", staff::projects::show)
        .route("POST /{tenant}/verwaltung/vorhaben/{id}", staff::projects::update)
        .route("GET /{tenant}/verwaltung/daten/neu", staff::datasets::show)
        .route("POST /{tenant}/verwaltung/daten/neu", staff::datasets::register)
        .route("GET /{tenant}/verwaltung/daten/herausgeber", staff::publisher::show)
        .route("POST /{tenant}/verwaltung/daten/herausgeber", staff::publisher::describe)
        .route("GET /{tenant}/verwaltung/daten/{id}/datei", staff::uploads::show)
        .route("POST /{tenant}/verwaltung/daten/{id}/datei", staff::uploads::submit)
        .route("GET /{tenant}/verwaltung/daten/{id}/pflege", staff::upkeep::show)
        .route("POST /{tenant}/verwaltung/daten/{id}/pflege", staff::upkeep::submit)
        .route("GET /{tenant}/verwaltung/messstellen", staff::stations::list)
        .route("GET /{tenant}/verwaltung/messstellen/neu", staff::registering::show)
        .route("POST /{tenant}/verwaltung/messstellen/neu", staff::registering::register)
        .route("GET /{tenant}/verwaltung/messstellen/{id}", staff::stations::show)
        .route("POST /{tenant}/verwaltung/messstellen/{id}", staff::stations::submit)
        .route("GET /{tenant}/verwaltung/berichte", staff::reports::list)
        .route("GET /{tenant}/verwaltung/berichte/neu", staff::defining::show)
        .route("POST /{tenant}/verwaltung/berichte/neu", staff::defining::submit)
        .route("GET /{tenant}/verwaltung/berichte/{id}", staff::reports::show)
        .route("POST /{tenant}/verwaltung/berichte/{id}", staff::reports::submit)
        .route("GET /{tenant}/verwaltung/kennzahlen", staff::indicators::list)
        .route("GET /{tenant}/verwaltung/kennzahlen/neu", staff::indicators::show)
        .route("POST /{tenant}/verwaltung/kennzahlen/neu", staff::indicators::define)
        .route("GET /{tenant}/verwaltung/kennzahlen/{id}", staff::readings::show)
        .route("POST /{tenant}/verwaltung/kennzahlen/{id}", staff::readings::submit)
        .route("GET /{tenant}/verwaltung/angaben", staff::tenant::show)
        .route("POST /{tenant}/verwaltung/angaben", staff::tenant::update)
        .route("GET /{tenant}/verwaltung/post", staff::mail::list)
        .route("POST /{tenant}/verwaltung/post/{id}/erneut", staff::mail::retry)
        .route("POST /{tenant}/verwaltung/post/{id}/verwerfen", staff::mail::discard)
}

#[cfg(test)]
mod tests {
    use allmende_runtime::authorize::{Table, assert_covers_routes};

    #[test]
    fn every_page_has_a_rule() {
        assert_covers_routes(&Table::new(&[crate::AUTHORIZATION]), super::pages().names().iter().copied());
    }
}
