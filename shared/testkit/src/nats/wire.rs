//! A wire between client and server that a test holds in its hands.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Forwards connections to a server. What clients send can be held back, and reaches the server when it is released, even
/// if the client is long gone: how a network delivers late. What servers send can be held back likewise; and all
/// connections can be cut.
pub struct Wire {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    now: Mutex<Now>,
    changed: Condvar,
}

#[derive(Default)]
struct Now {
    requests_held: bool,
    answers_held: bool,
    refusing: bool,
    closed: bool,
    connections: Vec<TcpStream>,
}

#[derive(Clone, Copy)]
enum Way {
    Requests,
    Answers,
}

impl Wire {
    /// A wire to the server at this port of loopback.
    pub fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let state = Arc::new(State::default());
        let accepting = state.clone();
        thread::spawn(move || accept(&listener, port, &accepting));
        Self { address, state }
    }

    /// Address for clients.
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// From now on the server gets nothing of what clients send.
    pub fn hold_requests(&self) {
        self.state.change(|now| now.requests_held = true);
    }

    /// From now on clients get nothing of what the server sends.
    pub fn hold_answers(&self) {
        self.state.change(|now| now.answers_held = true);
    }

    /// What was held back goes on, and nothing is held any more.
    pub fn release(&self) {
        self.state.change(|now| (now.requests_held, now.answers_held) = (false, false));
    }

    /// Cuts every connection at the client's side; what the server was sent and has not got yet is still on its way. New
    /// connections are refused until [`mend`](Self::mend).
    pub fn cut(&self) {
        self.state.change(|now| {
            now.refusing = true;
            for client in now.connections.drain(..) {
                let _ = client.shutdown(Shutdown::Both);
            }
        });
    }

    /// Takes new connections again.
    pub fn mend(&self) {
        self.state.change(|now| now.refusing = false);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.cut();
        self.state.change(|now| (now.closed, now.requests_held, now.answers_held) = (true, false, false));
        // Wakes the thread that accepts, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn change<T>(&self, change: impl FnOnce(&mut Now) -> T) -> T {
        let done = change(&mut self.lock());
        self.changed.notify_all();
        done
    }

    /// Until what goes this way is not held.
    fn wait(&self, way: Way) {
        let mut now = self.lock();
        while match way {
            Way::Requests => now.requests_held,
            Way::Answers => now.answers_held,
        } {
            now = self.changed.wait(now).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn accept(listener: &TcpListener, port: u16, state: &Arc<State>) {
    for client in listener.incoming().flatten() {
        let accepted = state.change(|now| {
            let taken = !now.refusing && !now.closed;
            if taken {
                now.connections.extend(client.try_clone());
            }
            (taken, now.closed)
        });
        match accepted {
            (_, true) => return,
            (false, false) => continue,
            (true, false) => {}
        }
        let Ok(server) = TcpStream::connect(("127.0.0.1", port)) else { continue };
        let (Ok(client_too), Ok(server_too)) = (client.try_clone(), server.try_clone()) else { continue };
        for (way, from, to) in [(Way::Requests, client, server), (Way::Answers, server_too, client_too)] {
            let state = state.clone();
            thread::spawn(move || forward(way, from, to, &state));
        }
    }
}

/// Reads on while it holds back, so that a client does not notice by a full socket and what it sent is kept when it goes.
fn forward(way: Way, mut from: TcpStream, to: TcpStream, state: &Arc<State>) {
    let (pieces, waiting) = std::sync::mpsc::channel::<Vec<u8>>();
    let state = state.clone();
    let writer = thread::spawn(move || {
        let mut to = to;
        for piece in waiting {
            state.wait(way);
            if to.write_all(&piece).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
    });
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        if pieces.send(buffer[..length].to_vec()).is_err() {
            break;
        }
    }
    drop(pieces);
    let _ = writer.join();
}
