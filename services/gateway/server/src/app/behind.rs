//! Commands while the view is folded anew and knows of nobody.

use std::sync::Arc;

use allmende_eventlog::{CommitView, Request};
use allmende_gateway_domain::address::{Command as AddressCommand, Holder};
use allmende_gateway_domain::person::{Command, Details};
use allmende_gateway_domain::{CodeHash, KeptPassword, Language, person};
use allmende_hosting::{Caches, Host, Partition, Ports};
use allmende_instrumentation::Metrics;
use allmende_kernel::{Duration, Level, SubjectId, TenantId, Timestamp};
use allmende_keyring::{KeyId, MemoryKeyring};
use allmende_runtime::installation::Installation;
use allmende_runtime::limits::Origin;
use allmende_runtime::secrets::FolderSecrets;
use allmende_testkit::ManualClock;
use allmende_views::{View, ViewError, WriteSet};
use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use uuid::Uuid;

use super::App;
use super::accounts::Email;
use super::streams::{address_stream, person_stream};
use crate::error::Rejection;
use crate::providers::Providers;
use crate::secrets::{Password, Passwords};
use crate::tokens::{Issuer, SigningKeys};
use crate::views::GatewayView;
use crate::wire::{Address, Person};

/// Holds the view back until it is dropped.
#[derive(Default)]
struct Hold(Arc<(Mutex<bool>, Condvar)>);

impl Drop for Hold {
    fn drop(&mut self) {
        *self.0.0.lock() = true;
        self.0.1.notify_all();
    }
}

struct Held(Arc<(Mutex<bool>, Condvar)>);

impl View for Held {
    const NAME: &'static str = GatewayView::NAME;
    const VERSION: u32 = GatewayView::VERSION;

    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
        let (let_go, changed) = &*self.0;
        changed.wait_while(&mut let_go.lock(), |let_go| !*let_go);
        GatewayView.apply(tables, commit)
    }
}

const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);

async fn app(data: &std::path::Path, hold: &Hold) -> (App, Host) {
    let clock = Arc::new(ManualClock::at(NOW));
    let installation = Arc::new(Installation::open(data).unwrap());
    let ports = Ports::alone(data, clock.clone(), Arc::clone(&installation), Metrics::new());
    let mut partition = Partition::open(&ports, "gateway-0", Caches { index_mib: 1, view_mib: 1 }).await.unwrap();
    let queries = partition.run(Held(Arc::clone(&hold.0))).unwrap();
    let keys = Arc::new(SigningKeys::open(Arc::new(FolderSecrets::new(data)), clock.as_ref()).unwrap());
    let app = App {
        commands: partition.commands(),
        queries,
        keyring: Arc::new(MemoryKeyring::new()),
        installation,
        clock: clock.clone(),
        passwords: Passwords::new(),
        issuer: Arc::new(Issuer::new("here".to_owned(), Duration::from_secs(900), keys, clock)),
        providers: Providers::default(),
        session: Duration::from_secs(3_600),
    };
    (app, partition.watched())
}

/// An account in Cologne whose address is confirmed.
async fn account(app: &App, email: &Email, password: &Password) -> Holder {
    let holder = Holder { subject: SubjectId::new(Uuid::from_u128(1)), home: TenantId::parse("koeln").unwrap() };
    let (address, stream) = (app.address(email), person_stream(&holder.home, holder.subject));
    let key = app.keyring.ensure(&holder.home, KeyId::person(holder.subject)).await.unwrap();
    let (sealed, _) = App::seal_person(&key, holder.subject, email, None).unwrap();
    let code = person::Code { hash: CodeHash::from_bytes([1; 32]), expires: NOW + Duration::from_secs(60) };
    let details = Details {
        email: sealed,
        address,
        name: None,
        password: None,
        language: Language::German,
        code: Some(code),
        level: Level::None,
    };
    let begun = app.act(|transaction, at| {
        let take = AddressCommand::Take(holder.clone());
        transaction.decide::<Address>(&address_stream(address), &(), &take).unwrap();
        let register = Command::Register { details: details.clone(), at };
        transaction.decide::<Person>(&stream, &(), &register).unwrap();
        Ok(Bytes::new())
    });
    begun.await.unwrap();
    let hash = app.passwords.hash(password, Origin::Own).await.unwrap();
    let password = app.keep_password(&holder.home, holder.subject, &hash).await.unwrap();
    assert!(matches!(password, KeptPassword::Sealed(_)));
    let confirmed = app.act(|transaction, at| {
        let confirm = Command::ConfirmEmail { code: code.hash, password: password.clone(), at };
        transaction.decide::<Person>(&stream, &(), &confirm).unwrap();
        Ok(Bytes::new())
    });
    confirmed.await.unwrap();
    holder
}

#[tokio::test]
async fn an_account_is_known_from_the_log() {
    let data = tempfile::tempdir().unwrap();
    let hold = Hold::default();
    let (app, host) = app(data.path(), &hold).await;
    let (email, password) = (Email::parse("maria@example.org").unwrap(), Password::new("Die Hecke am Bach".into()));
    let Holder { subject, home } = account(&app, &email, &password).await;
    let seen = app.look_up({
        let home = home.clone();
        move |reader| Ok((reader.home(subject)?, reader.person(&home, subject)?))
    });
    assert_eq!(seen.await.unwrap(), (None, person::State::Absent), "the view is held back");

    let (begun, _) = app.sign_in(&email, &password, "", Origin::Own).await.unwrap();
    assert_eq!((begun.subject, begun.level), (subject, Level::Email));
    let wrong = Password::new("geraten".into());
    let refused = app.sign_in(&email, &wrong, "", Origin::Own).await.unwrap_err();
    assert!(refused.is(&Rejection::from(person::Rejection::CredentialsWrong)));
    let request = Request { origin: allmende_eventlog::Origin::Unlinked, actor: None, trace: None };
    app.request_password_reset(&request, &email).await.unwrap();
    let account = app.account(&home, subject).await.unwrap();
    assert!(account.account().unwrap().reset.is_some(), "a code was sent");
    let found = app.account_at(app.address(&email)).await.unwrap();
    assert_eq!(found.map(|(holder, _)| holder), Some(Holder { subject, home }));

    drop(hold);
    host.close().await.unwrap();
}
