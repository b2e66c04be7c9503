use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use allmende_gateway::mail::{Config as MailConfig, Tls};
use allmende_gateway::{Config, mail};
use allmende_proto::gateway::v1 as pb;
use parking_lot::Mutex;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{NOW, Running, reason, start_with};

/// What a mail server does with a mail.
#[derive(Debug, Clone, Copy)]
enum Mood {
    Takes,
    /// Takes it, and the line breaks before it can say so.
    TakesSilently,
    /// Cannot now.
    Later,
    /// Never will.
    Never,
}

/// A mail server as far as it is needed: one mail a mood, then it takes everything.
#[derive(Clone, Default)]
struct Server {
    moods: Arc<Mutex<VecDeque<Mood>>>,
    taken: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(moods: &[Mood]) -> (Self, u16) {
        let server = Self { moods: Arc::new(Mutex::new(moods.iter().copied().collect())), taken: Arc::default() };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.talk(stream).await });
            }
        });
        (server, port)
    }

    async fn talk(&self, stream: TcpStream) -> Option<()> {
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        writer.write_all(b"220 test\r\n").await.ok()?;
        while let Some(line) = lines.next_line().await.ok()? {
            let answer: &[u8] = match line.split(' ').next()?.to_ascii_uppercase().as_str() {
                "EHLO" | "HELO" => b"250 test\r\n",
                "DATA" => {
                    writer.write_all(b"354 go on\r\n").await.ok()?;
                    let mut text = String::new();
                    loop {
                        match lines.next_line().await.ok()?? {
                            end if end == "." => break,
                            line => text.push_str(&(line + "\r\n")),
                        }
                    }
                    let mood = self.moods.lock().pop_front().unwrap_or(Mood::Takes);
                    if matches!(mood, Mood::Takes | Mood::TakesSilently) {
                        self.taken.lock().push(text.replace("=\r\n", "").replace("=3D", "="));
                    }
                    match mood {
                        Mood::Takes => b"250 taken\r\n",
                        Mood::TakesSilently => return None,
                        Mood::Later => b"451 later\r\n",
                        Mood::Never => b"550 no such mailbox\r\n",
                    }
                }
                "QUIT" => return writer.write_all(b"221 bye\r\n").await.ok(),
                _ => b"250 ok\r\n",
            };
            writer.write_all(answer).await.ok()?;
        }
        Some(())
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().clone()
    }
}

async fn start(port: u16) -> Running {
    let started = start_with(tempfile::tempdir().unwrap(), Default::default(), NOW, |config| with_server(config, port));
    let running = started.await;
    running.register_tenant("koeln").await;
    running
}

fn with_server(config: Config, port: u16) -> Config {
    let mail = MailConfig {
        smtp_host: "127.0.0.1".into(),
        smtp_port: port,
        smtp_tls: Tls::None,
        from: "Allmende <noreply@koeln.example>".into(),
        folder: None,
        ..mail::Config::default()
    };
    Config { mail, ..config }
}

/// What the outbox shows, once it shows this state.
async fn outbox(running: &Running, state: pb::MailState) -> Vec<pb::Mail> {
    for _ in 0..6_000 {
        let list = pb::ListOutboxRequest { tenant: "koeln".into(), ..pb::ListOutboxRequest::default() };
        let mails = running.operator().mail.list_outbox(list).await.unwrap().into_inner().mails;
        if mails.iter().any(|mail| mail.state() == state) {
            return mails;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no mail is {state:?}");
}

/// Waits until a mail was tried so many times.
async fn tried(running: &Running, attempts: u32) {
    for _ in 0..6_000 {
        if outbox(running, pb::MailState::Failed).await.iter().any(|mail| mail.attempts == attempts) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no mail was tried {attempts} times");
}

/// Moves the clock on, and something happens, so that the worker looks at it.
async fn later(running: &Running, secs: i64) {
    running.later(secs);
    let tenant = pb::Tenant {
        tenant: format!("t{secs}"),
        name: "x".into(),
        kind: pb::TenantKind::Lab.into(),
        ..pb::Tenant::default()
    };
    let request = pb::RegisterTenantRequest { request_id: running.request_id(), tenant: Some(tenant) };
    running.operator().tenants.register_tenant(request).await.unwrap();
}

#[tokio::test]
async fn a_mail_that_is_not_taken_is_tried_again_under_the_same_name() {
    let (server, port) = Server::start(&[Mood::Later, Mood::TakesSilently, Mood::Takes]).await;
    let running = start(port).await;
    let mut visitor = running.visitor().identity;
    visitor.register(running.register_request("koeln", "maria@example.org")).await.unwrap();
    let mails = outbox(&running, pb::MailState::Failed).await;
    assert_eq!((mails.len(), mails[0].attempts, mails[0].reply_code), (1, 1, 451));
    assert_eq!(mails[0].kind(), pb::MailKind::ConfirmEmail);
    later(&running, 60).await;
    tried(&running, 2).await;
    later(&running, 300).await;
    let mails = outbox(&running, pb::MailState::Sent).await;
    assert_eq!((mails.len(), mails[0].attempts), (1, 3));
    // It was taken twice, and the receiver can tell.
    let taken = server.taken();
    let id = |text: &String| text.lines().find(|line| line.starts_with("Message-ID")).unwrap().to_owned();
    assert_eq!(taken.len(), 2);
    assert_eq!(id(&taken[0]), id(&taken[1]));
    assert_eq!(id(&taken[0]), format!("Message-ID: <{}@koeln.example>", mails[0].mail_id));
    assert!(taken[0].contains("To: maria@example.org"), "{}", taken[0]);
}

#[tokio::test]
async fn what_never_will_be_taken_is_given_up() {
    let (server, port) = Server::start(&[Mood::Never]).await;
    let running = start(port).await;
    let mut visitor = running.visitor().identity;
    visitor.register(running.register_request("koeln", "maria@example.org")).await.unwrap();
    let mails = outbox(&running, pb::MailState::GivenUp).await;
    assert_eq!((mails.len(), mails[0].attempts, mails[0].reply_code), (1, 1, 550));
    assert!(server.taken().is_empty());
    // What operators see names nobody.
    assert!(!format!("{mails:?}").contains("maria"));
}

#[tokio::test]
async fn mails_that_cannot_be_opened_hold_up_no_others() {
    const UNREADABLE: usize = 20;
    let queued = |config| Config { mail: mail::Config::default(), ..config };
    let running = start_with(tempfile::tempdir().unwrap(), Default::default(), NOW, queued).await;
    running.register_tenant("koeln").await;
    let mut visitor = running.visitor().identity;
    for number in 0..UNREADABLE {
        let email = format!("maria{number}@example.org");
        visitor.register(running.register_request("koeln", &email)).await.unwrap();
    }
    // The keyring is lost.
    let (data, _) = running.stop().await;
    let running = start_with(data, Default::default(), NOW + allmende_kernel::Duration::from_secs(1), |config| config);
    let running = running.await;
    let mut visitor = running.visitor().identity;
    visitor.register(running.register_request("koeln", "paul@example.org")).await.unwrap();
    running.code_for("paul@example.org", "/konto/bestaetigen").await;
    let failed = |mails: &[pb::Mail]| {
        mails.iter().filter(|mail| (mail.state(), mail.attempts) == (pb::MailState::Failed, 1)).count()
    };
    for _ in 0..6_000 {
        if failed(&outbox(&running, pb::MailState::Failed).await) == UNREADABLE {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not each of them was tried once");
}

#[tokio::test]
async fn without_a_server_mail_stays_queued() {
    let running = start_with(tempfile::tempdir().unwrap(), Default::default(), NOW, |config| Config {
        mail: mail::Config::default(),
        ..config
    })
    .await;
    running.register_tenant("koeln").await;
    let mut visitor = running.visitor().identity;
    visitor.register(running.register_request("koeln", "maria@example.org")).await.unwrap();
    let mails = outbox(&running, pb::MailState::Queued).await;
    assert_eq!((mails.len(), mails[0].attempts, mails[0].tried_at_us), (1, 0, 0));
}

#[tokio::test]
async fn an_operator_has_a_mail_tried_once_more_or_dropped() {
    let (server, port) = Server::start(&[Mood::Never, Mood::Never]).await;
    let running = start(port).await;
    let mut visitor = running.visitor().identity;
    for name in ["maria", "paul"] {
        visitor.register(running.register_request("koeln", &format!("{name}@example.org"))).await.unwrap();
    }
    let mails = loop {
        let mails = outbox(&running, pb::MailState::GivenUp).await;
        if mails.iter().all(|mail| mail.state() == pb::MailState::GivenUp) {
            break mails;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    let retry = |mail: &pb::Mail| pb::RetryMailRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        mail_id: mail.mail_id.clone(),
    };
    let drop = |mail: &pb::Mail| pb::DropMailRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        mail_id: mail.mail_id.clone(),
    };
    let mut operator = running.operator().mail;
    let retried = operator.retry_mail(retry(&mails[0])).await.unwrap().into_inner().mail.unwrap();
    assert_eq!(retried.mail_id, mails[0].mail_id);
    let after = outbox(&running, pb::MailState::Sent).await;
    let sent = after.iter().find(|mail| mail.mail_id == mails[0].mail_id).unwrap();
    assert_eq!((sent.state(), sent.attempts, server.taken().len()), (pb::MailState::Sent, 2, 1));
    let refused = operator.retry_mail(retry(&mails[0])).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (tonic::Code::FailedPrecondition, "MAIL_OVER"));

    for _ in 0..2 {
        let dropped = operator.drop_mail(drop(&mails[1])).await.unwrap().into_inner().mail.unwrap();
        assert_eq!((dropped.state(), dropped.attempts), (pb::MailState::Dropped, 1));
    }
    assert_eq!(reason(&operator.retry_mail(retry(&mails[1])).await.unwrap_err()), "MAIL_OVER");
    // Another tenant has no such mail, and who may not see the outbox directs nothing in it.
    running.register_tenant("bonn").await;
    let elsewhere = pb::DropMailRequest { tenant: "bonn".into(), ..drop(&mails[1]) };
    assert_eq!(reason(&operator.drop_mail(elsewhere).await.unwrap_err()), "MAIL_UNKNOWN");
    let refused = running.visitor().mail.drop_mail(drop(&mails[1])).await.unwrap_err();
    assert_eq!(refused.code(), tonic::Code::Unauthenticated);
}
