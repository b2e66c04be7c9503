//! What holds on one server and on three.

pub(crate) mod bodies;
pub(crate) mod following;
pub(crate) mod leases;
pub(crate) mod members;
pub(crate) mod publishing;
