//! What the HTTP port promises of its connections.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use allmende_gateway::http::{self, Config, Port};
use allmende_instrumentation::Metrics;
use allmende_runtime::drain::Drain;
use allmende_runtime::limits::Proxies;
use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// For what is waited for: no machine is so slow.
const LONG: Duration = Duration::from_secs(60);

struct Served {
    address: SocketAddr,
    metrics: Metrics,
    drain: Drain,
    /// How often the slow page was asked for.
    asked: watch::Receiver<usize>,
    /// Lets it be answered.
    finish: watch::Sender<bool>,
    ended: JoinHandle<io::Result<()>>,
}

async fn serve(config: Config, proxies: &[&str]) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, metrics, drain) = (listener.local_addr().unwrap(), Metrics::new(), Drain::new(LONG));
    let proxies: Vec<_> = proxies.iter().map(|proxy| proxy.parse().unwrap()).collect();
    let port = Port { listener, proxies: Proxies::new(&proxies), metrics: metrics.clone() };
    let (finish, finished) = watch::channel(false);
    let (count, asked) = watch::channel(0);
    let slow = move || {
        count.send_modify(|asked| *asked += 1);
        let mut finished = finished.clone();
        async move { if finished.wait_for(|finished| *finished).await.is_ok() { "slow" } else { "lost" } }
    };
    let router = Router::new().route("/", get(|| async { "page" })).route("/slow", get(slow));
    let draining = drain.draining();
    let ended = tokio::spawn(async move { http::serve(&config, port, router, draining).await });
    Served { address, metrics, drain, asked, finish, ended }
}

impl Served {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// A connection over which a page was read. On a slow machine one may be closed before it comes to that.
    async fn kept(&self) -> TcpStream {
        loop {
            let mut stream = self.connect().await;
            if ask(&mut stream, "/").await.is_ok() && answered(&mut stream, "page").await {
                return stream;
            }
        }
    }

    /// A connection over which the slow page is asked for.
    async fn waiting(&self) -> TcpStream {
        let mut asked = self.asked.clone();
        loop {
            let mut stream = self.connect().await;
            if ask(&mut stream, "/slow").await.is_err() {
                continue;
            }
            tokio::select! {
                counted = asked.changed() => {
                    counted.unwrap();
                    return stream;
                }
                _ = stream.readable() => {}
            }
        }
    }

    fn has_closed(&self, why: &str) -> bool {
        let series = format!("allmende_connections_closed_total{{allmende_outcome=\"{why}\",allmende_port=\"http\"}} ");
        self.metrics.render().lines().any(|line| line.starts_with(&series))
    }

    /// Waits until it is counted: a client sees the end of its connection first.
    async fn closed(&self, why: &str) {
        let counted = async {
            while !self.has_closed(why) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(LONG, counted).await.expect("it is counted");
    }
}

async fn ask(stream: &mut TcpStream, path: &str) -> io::Result<()> {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: test.invalid\r\n\r\n").as_bytes()).await
}

/// Reads until the answer's text is there, if it comes.
async fn answered(stream: &mut TcpStream, text: &str) -> bool {
    let mut read = Vec::new();
    while !read.ends_with(text.as_bytes()) {
        match timeout(LONG, stream.read_buf(&mut read)).await.expect("it is answered or closed") {
            Ok(1..) => {}
            Ok(0) | Err(_) => return false,
        }
    }
    true
}

/// Waits until the server has closed it, and gives back what it said before.
async fn closes(mut stream: TcpStream) -> String {
    let mut read = Vec::new();
    if let Err(error) = timeout(LONG, stream.read_to_end(&mut read)).await.expect("it is closed") {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
    String::from_utf8(read).unwrap()
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed_the_first_one_and_the_next() {
    let served = serve(Config { idle_s: 1, ..Config::default() }, &[]).await;
    assert_eq!(closes(served.connect().await).await, "");
    served.closed("silent").await;
    let mut halfway = served.connect().await;
    halfway.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
    closes(halfway).await;
    closes(served.kept().await).await;
}

#[tokio::test]
async fn who_waits_for_an_answer_is_not_idle_and_a_proxys_connection_is_kept() {
    let config = Config { idle_s: 1, ..Config::default() };
    let (direct, behind) = (serve(config.clone(), &[]).await, serve(config, &["127.0.0.1"]).await);
    let mut proxys = behind.connect().await;
    let mut waiting = direct.waiting().await;
    // By then both would have been closed.
    for _ in 0..2 {
        closes(direct.connect().await).await;
    }
    direct.finish.send_replace(true);
    assert!(answered(&mut waiting, "slow").await);
    ask(&mut proxys, "/").await.unwrap();
    assert!(answered(&mut proxys, "page").await);
}

#[tokio::test]
async fn an_address_has_its_share_of_connections_and_a_proxy_all() {
    let config = Config { max_connections: 2, max_connections_per_address: 1, ..Config::default() };
    let (direct, behind) = (serve(config.clone(), &[]).await, serve(config, &["127.0.0.1"]).await);
    let _first = direct.kept().await;
    closes(direct.connect().await).await;
    assert!(direct.has_closed("address_full"));
    let _proxys = [behind.kept().await, behind.kept().await];
    closes(behind.connect().await).await;
    assert!(behind.has_closed("full") && !behind.has_closed("address_full"));
}

#[tokio::test]
async fn the_port_speaks_one_request_at_a_time() {
    let served = serve(Config::default(), &[]).await;
    let mut second = served.connect().await;
    second.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    assert!(!closes(second).await.contains("200"));
}

#[tokio::test]
async fn a_drain_lets_what_was_asked_for_be_answered_and_waits_for_no_browser() {
    let served = serve(Config::default(), &[]).await;
    let (idle, mut waiting) = (served.kept().await, served.waiting().await);
    served.drain.begin();
    closes(idle).await;
    served.finish.send_replace(true);
    assert!(answered(&mut waiting, "slow").await);
    closes(waiting).await;
    timeout(LONG, served.ended).await.expect("it ends").unwrap().unwrap();
}
