//! Code generated from `proto/`: messages by prost, clients and servers by tonic. Modules follow the packages.

#![allow(missing_docs, clippy::all, unreachable_pub)]

/// Descriptors of every file under `proto/`, for gRPC reflection and for checks over all rpcs.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/allmende.binpb"));

pub mod log {
    pub mod v1 {
        tonic::include_proto!("allmende.log.v1");
    }
}

pub mod telemetry {
    pub mod v1 {
        tonic::include_proto!("allmende.telemetry.v1");
    }
    pub mod events {
        pub mod v1 {
            tonic::include_proto!("allmende.telemetry.events.v1");
        }
    }
}

pub mod participation {
    pub mod v1 {
        tonic::include_proto!("allmende.participation.v1");
    }
    pub mod events {
        pub mod v1 {
            tonic::include_proto!("allmende.participation.events.v1");
        }
    }
}

pub mod reporting {
    pub mod v1 {
        tonic::include_proto!("allmende.reporting.v1");
    }
    pub mod events {
        pub mod v1 {
            tonic::include_proto!("allmende.reporting.events.v1");
        }
    }
}

pub mod opendata {
    pub mod v1 {
        tonic::include_proto!("allmende.opendata.v1");
    }
    pub mod events {
        pub mod v1 {
            tonic::include_proto!("allmende.opendata.events.v1");
        }
    }
}

pub mod gateway {
    pub mod v1 {
        tonic::include_proto!("allmende.gateway.v1");
    }
    pub mod events {
        pub mod v1 {
            tonic::include_proto!("allmende.gateway.events.v1");
        }
    }
}
