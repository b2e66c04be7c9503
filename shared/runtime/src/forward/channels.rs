//! Connections to the other members.

use std::num::NonZeroUsize;
use std::time::Duration;

use lru::LruCache;
use parking_lot::Mutex;
use tonic::transport::{Channel, Endpoint, Error};

/// Members that connections are kept to.
const MOST: NonZeroUsize = NonZeroUsize::new(64).unwrap();
const CONNECT_WITHIN: Duration = Duration::from_secs(2);
/// After so long without a word a member is asked whether it is there, and given up after as long again.
const KEEP_ALIVE: Duration = Duration::from_secs(2);

/// One connection a member, made when it is needed.
pub(super) struct Channels(Mutex<LruCache<String, Channel>>);

impl Default for Channels {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

impl Channels {
    pub(super) fn to(&self, address: &str) -> Result<Channel, Error> {
        let mut channels = self.0.lock();
        if let Some(channel) = channels.get(address) {
            return Ok(channel.clone());
        }
        let channel = Endpoint::from_shared(format!("http://{address}"))?
            .connect_timeout(CONNECT_WITHIN)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_timeout(KEEP_ALIVE)
            .keep_alive_while_idle(true)
            .connect_lazy();
        channels.put(address.to_owned(), channel.clone());
        Ok(channel)
    }
}
