//! The promises of the ports, each on a server of its own.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod promises;
mod support;

macro_rules! promises {
    ($($module:ident :: $promise:ident)*) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $promise() {
                let Some(cluster) = support::Cluster::one() else { return };
                promises::$module::$promise(&cluster).await;
            }
        )*
    };
}

include!("promises/list.rs");
