//! The other services, as far as reports ask them: answers by rpc, in the JSON of their protos. Both questions and
//! answers go through the protos' descriptors, so that a test cannot ask or answer what no service could.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use allmende_kernel::{PartitionName, Position};
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_reporting::{Answered, AskError, GrpcSources, Question, Sources, Transcoder};
use allmende_runtime::fields::ConsistencyToken;
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage};
use serde_json::Value;
use tonic::Code;

type Answer = Box<dyn Fn(&Value) -> Option<Value> + Send + Sync>;

pub(crate) struct Elsewhere {
    /// Reporting itself.
    own: GrpcSources,
    answers: Mutex<HashMap<&'static str, Answer>>,
    /// Groups in the log of everything elsewhere; each question may add some.
    head: AtomicU64,
    asked: AtomicU64,
    transcoder: Transcoder,
    protos: DescriptorPool,
}

impl Elsewhere {
    pub(crate) fn new(own: GrpcSources) -> Self {
        Self {
            own,
            answers: Mutex::default(),
            head: AtomicU64::new(1),
            asked: AtomicU64::new(0),
            transcoder: Transcoder::new(FILE_DESCRIPTOR_SET).unwrap(),
            protos: DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap(),
        }
    }

    /// What an rpc answers to a request from now on; nothing is NOT_FOUND.
    pub(crate) fn answers(&self, rpc: &'static str, answer: impl Fn(&Value) -> Option<Value> + Send + Sync + 'static) {
        self.answers.lock().unwrap().insert(rpc, Box::new(answer));
    }

    /// The answer as a service would send it.
    fn sent(&self, rpc: &str, answer: &Value) -> Vec<u8> {
        let (service, method) = rpc.trim_start_matches('/').split_once('/').unwrap();
        let service = self.protos.get_service_by_name(service).unwrap();
        let method = service.methods().find(|found| found.name() == method).unwrap();
        DynamicMessage::deserialize(method.output(), answer).unwrap().encode_to_vec()
    }

    /// How often it was asked.
    pub(crate) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }
}

#[tonic::async_trait]
impl Sources for Elsewhere {
    async fn ask(&self, question: Question<'_>) -> Result<Answered, AskError> {
        if question.rpc.starts_with("/allmende.reporting.") {
            return self.own.ask(question).await;
        }
        self.asked.fetch_add(1, Ordering::Relaxed);
        let group = self.head.fetch_add(1, Ordering::Relaxed);
        let partition = PartitionName::parse("elsewhere-0").unwrap();
        assert!(question.seen.position(&partition).group <= group, "asked for what is not there yet");
        assert!(question.authorization.is_some(), "asked in nobody's name");
        self.transcoder.request(question.rpc, question.request, question.seen)?;
        let (_, rpc) = question.rpc.rsplit_once('/').unwrap();
        let refused = || AskError::Refused {
            rpc: question.rpc.to_owned(),
            code: Code::NotFound,
            reason: Some("RULE_SET_UNKNOWN".to_owned()),
        };
        let answer = {
            let answers = self.answers.lock().unwrap();
            answers.get(rpc).and_then(|answer| answer(question.request)).ok_or_else(refused)?
        };
        let answered = self.transcoder.answer(question.rpc, self.sent(question.rpc, &answer).into())?;
        Ok(Answered { seen: ConsistencyToken::of(partition, Position::new(group, 0)), ..answered })
    }
}
