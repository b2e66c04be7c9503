//! Every rpc that there is, called by every role, in its own tenant and in another one: the table decides, and no
//! handler forgets to ask it.
//!
//! Requests are made from the descriptors: the tenant and ids are filled in, the rest is left empty. Whoever is let in is
//! mostly told that something is missing; that is another answer than being turned away.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests to people, not to the linter")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use allmende_gateway::Gateway;
use allmende_hosting::Ports;
use allmende_instrumentation::Metrics;
use allmende_kernel::{Level, Role, SubjectId, TenantId};
use allmende_keyring::MemoryKeyring;
use allmende_opendata::OpenData;
use allmende_participation::Participation;
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_reporting::{GrpcSources, Reporting};
use allmende_runtime::authorize::{Authenticator, Denied, Grant, Principal, Rule, Scope};
use allmende_runtime::clock::SystemClock;
use allmende_runtime::drain::Drain;
use allmende_runtime::installation::Installation;
use allmende_runtime::limits;
use allmende_runtime::serve::{Config, Server};
use allmende_telemetry::Telemetry;
use bytes::Bytes;
use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FileDescriptorSet};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;
use uuid::Uuid;

const OWN: &str = "koeln";
const OTHER: &str = "bonn";

/// Where nobody is.
const NOWHERE: &str = "nirgends";
/// What is done for a tenant that is not there yet.
const FOUNDING: &str = "/allmende.gateway.v1.TenantService/RegisterTenant";

/// Believes tokens that say what they are: `moderator@koeln`, `moderator@everywhere`, `person`. Knows two towns.
struct Plain;

impl Authenticator for Plain {
    fn authenticate(&self, token: &str) -> Result<Principal, Denied> {
        let subject = Some(SubjectId::new(Uuid::from_u128(1)));
        let (role, tenant) = match token.split_once('@') {
            None => return Ok(Principal { subject, level: Level::High, grants: Arc::new([]) }),
            Some(parts) => parts,
        };
        let role = Role::ALL.into_iter().find(|known| known.as_str() == role).ok_or(Denied::Unauthenticated)?;
        let scope = match tenant {
            "everywhere" => Scope::AllTenants,
            name => Scope::Tenant(TenantId::parse(name).map_err(|_| Denied::Unauthenticated)?),
        };
        Ok(Principal { subject, level: Level::High, grants: [Grant { role, scope }].into() })
    }

    fn has_tenant(&self, tenant: &TenantId) -> Result<bool, Denied> {
        Ok([OWN, OTHER].contains(&tenant.as_str()))
    }
}

/// Messages as they are on the wire.
#[derive(Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        bytes::BufMut::put(buffer, item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        let length = bytes::Buf::remaining(buffer);
        Ok(Some(bytes::Buf::copy_to_bytes(buffer, length)))
    }
}

/// Every message of the API, by its full name, and every rpc with the name of its request.
struct Api {
    messages: BTreeMap<String, DescriptorProto>,
    requests: BTreeMap<String, String>,
}

impl Api {
    fn read() -> Self {
        let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
        let (mut messages, mut requests) = (BTreeMap::new(), BTreeMap::new());
        for file in set.file {
            let package = file.package().to_owned();
            for service in &file.service {
                for method in &service.method {
                    let path = format!("/{package}.{}/{}", service.name(), method.name());
                    requests.insert(path, method.input_type().trim_start_matches('.').to_owned());
                }
            }
            for message in file.message_type {
                let name = format!("{package}.{}", message.name());
                messages.extend(
                    message.nested_type.iter().map(|inner| (format!("{name}.{}", inner.name()), inner.clone())),
                );
                messages.insert(name, message);
            }
        }
        Self { messages, requests }
    }

    /// A request of this type for a tenant; whether it names one.
    fn request(&self, name: &str, tenant: &str) -> (Vec<u8>, bool) {
        let (mut bytes, mut names_tenant) = (Vec::new(), false);
        for field in &self.messages[name].field {
            if field.label() == Label::Repeated {
                continue;
            }
            let number = field.number() as u32;
            let mut put = |value: &[u8]| {
                encode_key(number, WireType::LengthDelimited, &mut bytes);
                encode_varint(value.len() as u64, &mut bytes);
                bytes.extend_from_slice(value);
            };
            match (field.r#type(), field.name()) {
                (Type::String, "tenant") => {
                    put(tenant.as_bytes());
                    names_tenant = true;
                }
                (Type::String, "request_id") => put(Uuid::now_v7().to_string().as_bytes()),
                // Who it is about may be a question of who asks.
                (Type::String, "subject_id") => {}
                (Type::String, name) if name.ends_with("_id") => put(Uuid::from_u128(7).to_string().as_bytes()),
                (Type::Message, "tenant" | "batch" | "head") => {
                    let (inner, named) = self.request(field.type_name().trim_start_matches('.'), tenant);
                    put(&inner);
                    names_tenant |= named;
                }
                _ => {}
            }
        }
        (bytes, names_tenant)
    }
}

/// What became of a call: let in, or turned away and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    Unauthenticated,
    Forbidden,
    /// There is nobody behind it.
    Nowhere,
}

async fn knock(channel: &Channel, path: &str, message: Vec<u8>, token: Option<&str>) -> Door {
    let mut grpc = tonic::client::Grpc::new(channel.clone());
    grpc.ready().await.unwrap();
    let messages = tokio_stream::once(Bytes::from(message));
    let mut request = Request::new(messages);
    request.set_timeout(Duration::from_secs(20));
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    // On the wire one message is a stream of one, so that this calls rpcs of every kind.
    let answer = grpc.streaming(request, path.parse().unwrap(), Raw).await;
    let status = match answer {
        Ok(response) => match response.into_inner().message().await {
            Ok(_) => return Door::Open,
            Err(status) => status,
        },
        Err(status) => status,
    };
    let info = status.get_details_error_info().map(|info| (info.domain, info.reason));
    let (domain, reason) = info.unwrap_or_default();
    match (status.code(), domain.as_str(), reason.as_str()) {
        (Code::Unauthenticated, _, "UNAUTHENTICATED") => Door::Unauthenticated,
        (Code::PermissionDenied, _, "PERMISSION_DENIED") => Door::Forbidden,
        // Gateway itself says so of a town that it is asked for.
        (Code::NotFound, "allmende", "TENANT_UNKNOWN") => Door::Nowhere,
        (Code::Internal | Code::Unknown, ..) => panic!("{path}: {status}"),
        _ => Door::Open,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_decides_for_every_rpc_role_and_tenant() {
    let data = tempfile::tempdir().unwrap();
    let metrics = Metrics::new();
    let installation = Arc::new(Installation::open(data.path()).unwrap());
    let ports = Ports::alone(data.path(), Arc::new(SystemClock), installation, metrics.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = Endpoint::from_shared(format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let keyring: Arc<MemoryKeyring> = Arc::default();
    let gateway = Gateway::start(Default::default(), ports.clone(), keyring.clone()).await.unwrap();
    let telemetry = Telemetry::start(Default::default(), ports.clone()).await.unwrap();
    let participation = Participation::start(Default::default(), ports.clone(), keyring).await.unwrap();
    let opendata = OpenData::start(Default::default(), ports.clone(), Default::default()).await.unwrap();
    let sources = Arc::new(GrpcSources::new(endpoint.connect_lazy()));
    let reporting = Reporting::start(Default::default(), ports, sources).await.unwrap();
    let drain = Drain::new(Duration::from_secs(5));
    let table = allmende::authorization::table();
    // What is refused counts for the address, and all of this comes from one.
    let limits = limits::Config { visitor_burst: 1_000_000, ..limits::Config::default() };
    let config = Config { limits, ..Config::default() };
    let server = Server::new(config, table.clone(), Plain, metrics, FILE_DESCRIPTOR_SET)
        .with_service(gateway.identity())
        .with_service(gateway.tenants())
        .with_service(gateway.erasure())
        .with_service(gateway.mail())
        .with_service(telemetry.service())
        .with_service(participation.service())
        .with_service(opendata.service())
        .with_service(reporting.service());
    let (_ready, ready) = watch::channel(true);
    let server = tokio::spawn(server.serve(listener, ready, drain.draining()));
    let channel = endpoint.connect().await.unwrap();

    let api = Api::read();
    let mut doors = 0;
    let mut wrong = Vec::new();
    for (path, rule) in table.entries().into_iter().filter(|(path, _)| path.starts_with("/allmende.")) {
        let name = &api.requests[path];
        let mut expect = async |tenant: &str, token: Option<&str>, door: Door| {
            let (message, _) = api.request(name, tenant);
            let found = knock(&channel, path, message, token).await;
            doors += 1;
            if found != door {
                wrong.push(format!("{path} for {tenant} as {token:?}: {found:?}, not {door:?}"));
            }
        };
        let (_, names_tenant) = api.request(name, OWN);
        let nowhere = match path {
            FOUNDING => Door::Open,
            _ => Door::Nowhere,
        };
        if names_tenant {
            let token = match rule {
                Rule::Visitor => None,
                Rule::SignedIn => Some("person".to_owned()),
                Rule::AnyOf(roles) => roles.first().map(|role| format!("{}@everywhere", role.as_str())),
            };
            expect(NOWHERE, token.as_deref(), nowhere).await;
        }
        let roles = match rule {
            Rule::Visitor => {
                expect(OWN, None, Door::Open).await;
                continue;
            }
            Rule::SignedIn => {
                expect(OWN, None, Door::Unauthenticated).await;
                expect(OWN, Some("person"), Door::Open).await;
                continue;
            }
            Rule::AnyOf(roles) => roles,
        };
        assert!(names_tenant, "{path} is for roles and names no tenant");
        expect(OWN, None, Door::Unauthenticated).await;
        expect(OWN, Some("person"), Door::Forbidden).await;
        for role in Role::ALL {
            let token = format!("{}@{OWN}", role.as_str());
            let own = if roles.contains(&role) { Door::Open } else { Door::Forbidden };
            expect(OWN, Some(&token), own).await;
            expect(OTHER, Some(&token), Door::Forbidden).await;
        }
    }
    assert!(wrong.is_empty(), "{} of {doors} doors:\n{}", wrong.len(), wrong.join("\n"));
    assert!(doors > 500, "{doors}");

    drop(channel);
    drain.begin();
    server.abort();
    reporting.close().await.unwrap();
    opendata.close().await.unwrap();
    participation.close().await.unwrap();
    telemetry.close().await.unwrap();
    gateway.close().await.unwrap();
}
