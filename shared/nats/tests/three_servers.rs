//! The promises of the ports on a cluster with three replicas. One cluster for all of them: to form one takes longer than
//! most of what is tested.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod promises;
mod support;

macro_rules! promises {
    ($($module:ident :: $promise:ident)*) => {
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn all_promises_hold_with_three_replicas() {
            let Some(cluster) = support::Cluster::three() else { return };
            $(
                eprintln!("{}::{}", stringify!($module), stringify!($promise));
                promises::$module::$promise(&cluster).await;
            )*
        }
    };
}

include!("promises/list.rs");
