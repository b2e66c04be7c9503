use allmende_runtime::fields::{self, ConsistencyToken};
use bytes::Bytes;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, SerializeOptions, Value as Field};
use serde_json::Value;

use super::{Answered, AskError};

const TOKEN: &str = "consistency_token";

/// Between JSON and the messages of the rpcs, by their descriptors.
#[derive(Debug, Clone)]
pub struct Transcoder {
    pool: DescriptorPool,
}

impl Transcoder {
    /// Of a `FileDescriptorSet`; nothing if its bytes are none.
    pub fn new(descriptors: &[u8]) -> Option<Self> {
        DescriptorPool::decode(descriptors).ok().map(|pool| Self { pool })
    }

    /// The request's bytes, with a token if the rpc takes one.
    pub fn request(&self, rpc: &str, request: &Value, seen: &ConsistencyToken) -> Result<Bytes, AskError> {
        let method = self.method(rpc)?;
        let mut message = DynamicMessage::deserialize(method.input(), request)
            .map_err(|_| unexpected(rpc, "the request is not of the rpc's form"))?;
        if method.input().get_field_by_name(TOKEN).is_some() {
            message.set_field_by_name(TOKEN, Field::String(seen.to_text()));
        }
        Ok(message.encode_to_vec().into())
    }

    /// The answer of these bytes.
    pub fn answer(&self, rpc: &str, bytes: Bytes) -> Result<Answered, AskError> {
        let not_of_form = || unexpected(rpc, "the answer is not of the rpc's form");
        let method = self.method(rpc)?;
        let mut message = DynamicMessage::decode(method.output(), bytes).map_err(|_| not_of_form())?;
        let token = match message.get_field_by_name(TOKEN).as_deref() {
            Some(Field::String(token)) => token.clone(),
            _ => String::new(),
        };
        message.clear_field_by_name(TOKEN);
        let options = SerializeOptions::new().use_proto_field_name(true).skip_default_fields(false);
        let mut answer =
            message.serialize_with_options(serde_json::value::Serializer, &options).map_err(|_| not_of_form())?;
        if let Some(fields) = answer.as_object_mut() {
            fields.remove(TOKEN);
        }
        let seen = fields::consistency_token(&token).map_err(|_| not_of_form())?;
        Ok(Answered { answer, seen })
    }

    fn method(&self, rpc: &str) -> Result<MethodDescriptor, AskError> {
        let found = rpc.strip_prefix('/').and_then(|path| path.split_once('/')).and_then(|(service, method)| {
            self.pool.get_service_by_name(service)?.methods().find(|found| found.name() == method)
        });
        found.ok_or_else(|| unexpected(rpc, "there is no such rpc"))
    }
}

fn unexpected(rpc: &str, what: &'static str) -> AskError {
    AskError::Unexpected { rpc: rpc.to_owned(), what }
}
