use std::io;

use oxjsonld::JsonLdSerializer;
use oxrdf::Triple;
use oxrdfxml::RdfXmlSerializer;
use oxttl::TurtleSerializer;

use super::vocabulary::PREFIXES;

/// How a graph is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serialisation {
    Turtle,
    RdfXml,
    JsonLd,
}

impl Serialisation {
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Turtle => "text/turtle; charset=utf-8",
            Self::RdfXml => "application/rdf+xml; charset=utf-8",
            Self::JsonLd => "application/ld+json",
        }
    }
}

/// The graph's text.
pub(crate) fn write(triples: &[Triple], as_what: Serialisation) -> io::Result<Vec<u8>> {
    macro_rules! written {
        ($serializer:expr, $serialize:ident) => {{
            let mut serializer = $serializer;
            for (name, iri) in PREFIXES {
                serializer = serializer.with_prefix(*name, *iri).map_err(io::Error::other)?;
            }
            let mut writer = serializer.for_writer(Vec::new());
            for triple in triples {
                writer.$serialize(triple)?;
            }
            writer.finish()
        }};
    }
    match as_what {
        Serialisation::Turtle => written!(TurtleSerializer::new(), serialize_triple),
        Serialisation::RdfXml => written!(RdfXmlSerializer::new(), serialize_triple),
        Serialisation::JsonLd => {
            let mut serializer = JsonLdSerializer::new();
            for (name, iri) in PREFIXES {
                serializer = serializer.with_prefix(*name, *iri).map_err(io::Error::other)?;
            }
            let mut writer = serializer.for_writer(Vec::new());
            for triple in triples {
                writer.serialize_quad(&triple.clone().in_graph(oxrdf::GraphName::DefaultGraph))?;
            }
            writer.finish()
        }
    }
}
