//! Answers whose time is up let go of what they hold, also where nobody asks them any more.
//!
//! An answer's next piece is asked for once the one before has left. Who opens no window for it (RFC 9113, section 5.2) never
//! lets it leave, and the answer would not learn that its time is up: it would keep its place, and what it is made of, for as
//! long as the connection lasts. So somebody looks at all of them from time to time.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use parking_lot::Mutex;
use tokio::time::{Instant, interval};
use tonic::Status;
use tonic::body::Body;

use crate::limits::Held;
use crate::outside::Ending;

/// How often they are looked at.
const EVERY: Duration = Duration::from_secs(1);

/// What an answer holds until its end.
struct Content {
    body: Body,
    _held: Option<Held>,
}

/// The answers that are on their way.
#[derive(Clone)]
pub(crate) struct Answers {
    open: Arc<Mutex<Open>>,
    /// How long an answer may be left lying when its time is up, before its connection ends.
    patience: Duration,
}

#[derive(Default)]
struct Open {
    answers: HashMap<u64, Entry>,
    next: u64,
}

struct Entry {
    until: Instant,
    content: Arc<Mutex<Option<Content>>>,
    ending: Option<Ending>,
}

impl Answers {
    pub(crate) fn new(patience: Duration) -> Self {
        Self { open: Arc::default(), patience }
    }

    /// An answer that has until then, and holds a place. `ending` ends its connection.
    pub(crate) fn add(&self, body: Body, held: Option<Held>, until: Instant, ending: Option<Ending>) -> Taken {
        let content = Arc::new(Mutex::new(Some(Content { body, _held: held })));
        let mut open = self.open.lock();
        let number = open.next;
        open.next += 1;
        open.answers.insert(number, Entry { until, content: Arc::clone(&content), ending });
        Taken { content, number, open: Arc::clone(&self.open) }
    }

    /// Looks at them for as long as it is polled.
    pub(crate) async fn watch(&self) -> Infallible {
        let mut ticks = interval(EVERY);
        loop {
            let now = ticks.tick().await;
            self.let_go(now);
        }
    }

    /// Empties those whose time is up, and ends the connections of those that were left lying since.
    fn let_go(&self, now: Instant) {
        let mut emptied = Vec::new();
        let mut left_lying = Vec::new();
        for entry in self.open.lock().answers.values_mut().filter(|entry| entry.until <= now) {
            // One that is being asked for its next piece just now ends by itself.
            emptied.extend(entry.content.try_lock().and_then(|mut content| content.take()));
            if entry.until + self.patience <= now {
                left_lying.extend(entry.ending.take());
            }
        }
        // Outside the lock: what an answer is made of may be much.
        drop(emptied);
        left_lying.iter().for_each(Ending::end);
    }
}

/// An answer's content for as long as there is some.
pub(crate) struct Taken {
    content: Arc<Mutex<Option<Content>>>,
    number: u64,
    open: Arc<Mutex<Open>>,
}

impl Taken {
    /// The next piece. Once its time is up there is none, and whoever asks has been told by the deadline.
    pub(crate) fn poll_frame(&self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        match self.content.lock().as_mut() {
            Some(content) => Pin::new(&mut content.body).poll_frame(context),
            None => Poll::Pending,
        }
    }

    /// Lets go of it.
    pub(crate) fn empty(&self) {
        let content = self.content.lock().take();
        drop(content);
    }

    pub(crate) fn is_end_stream(&self) -> bool {
        self.content.lock().as_ref().is_some_and(|content| content.body.is_end_stream())
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        self.content.lock().as_ref().map_or_else(SizeHint::default, |content| content.body.size_hint())
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        self.open.lock().answers.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::task::noop_waker_ref;

    use super::*;

    /// Tells when it is let go of.
    struct Watched(#[allow(dead_code, reason = "it is held")] Arc<()>);

    impl http_body::Body for Watched {
        type Data = Bytes;
        type Error = Status;

        fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
            Poll::Pending
        }
    }

    #[test]
    fn what_nobody_asks_for_is_let_go_of_in_time_and_its_connection_ends_later() {
        let patience = Duration::from_secs(30);
        let (answers, now) = (Answers::new(patience), Instant::now());
        let held = Arc::new(());
        let until = now + Duration::from_secs(10);
        let ending = Ending::default();
        let left = answers.add(Body::new(Watched(Arc::clone(&held))), None, until, Some(ending.clone()));
        let other = answers.add(Body::new(Watched(Arc::clone(&held))), None, until + patience, None);
        let mut context = Context::from_waker(noop_waker_ref());

        answers.let_go(now);
        assert_eq!(Arc::strong_count(&held), 3);
        answers.let_go(until);
        assert_eq!(Arc::strong_count(&held), 2);
        assert!(left.poll_frame(&mut context).is_pending() && !left.is_end_stream());
        assert!(!ending.is_ended());
        answers.let_go(until + patience);
        assert!(ending.is_ended());
        drop((left, other));
        assert_eq!((Arc::strong_count(&held), answers.open.lock().answers.len()), (1, 0));
    }

    #[test]
    fn who_takes_an_answer_in_time_keeps_the_connection() {
        let (answers, now, ending) = (Answers::new(Duration::ZERO), Instant::now(), Ending::default());
        drop(answers.add(Body::empty(), None, now, Some(ending.clone())));
        answers.let_go(now + Duration::from_secs(3_600));
        assert!(!ending.is_ended());
    }
}
