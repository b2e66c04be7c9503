//! A made-up town, as its services would answer.

use std::sync::{Arc, Mutex};

use allmende_proto::gateway::v1 as gateway;
use allmende_proto::opendata::v1 as opendata;
use allmende_proto::participation::v1 as participation;
use allmende_proto::reporting::v1 as reporting;
use allmende_proto::telemetry::v1 as telemetry;
use tonic::{Code, Status};

use crate::fake::Fake;

pub(crate) const PROCEDURE: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a01";
pub(crate) const DOCUMENT: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a02";
pub(crate) const COMMENT: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a03";
pub(crate) const OWN: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a04";
pub(crate) const PROPOSAL: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a05";
pub(crate) const PROJECT: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a06";
pub(crate) const STATION: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a07";
pub(crate) const DATASET: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a08";
pub(crate) const REPORT: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a09";
pub(crate) const RUN: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a10";
pub(crate) const ERASURE: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a11";
const SUBJECT: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a12";

/// Tokens of those who may sign in.
pub(crate) const CITIZEN: &str = "citizen";
pub(crate) const STAFF: &str = "staff";

/// Written by somebody who means no good.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script> \"><img src=x onerror=alert(1)> \u{202e}drehen\u{0} & mehr";

const NOON: i64 = 1_568_973_600_000_000;

/// Comments that arrived: the caller's token and what was asked.
pub(crate) type Posted = Arc<Mutex<Vec<participation::PostCommentRequest>>>;

fn tenant() -> gateway::Tenant {
    let text = |de: &str, en: &str| Some(gateway::LocalizedText { de: de.to_owned(), en: en.to_owned() });
    gateway::Tenant {
        tenant: "musterstadt".to_owned(),
        name: "Stadt Musterstadt".to_owned(),
        kind: gateway::TenantKind::Municipality.into(),
        imprint: text(
            "## Anbieter\n\nStadt Musterstadt, Rathausplatz 1, 12345 Musterstadt",
            "## Provider\n\nCity of Musterstadt",
        ),
        privacy_notice: text("Wir speichern so wenig wie möglich.", "We store as little as possible."),
        accessibility_statement: text("Diese Seiten sollen für alle da sein.", "These pages are meant for everybody."),
        contact: text("[Bürgerbüro](mailto:buergerbuero@example.org)", ""),
        demo: true,
        ..gateway::Tenant::default()
    }
}

fn me(token: &str) -> Result<gateway::GetMeResponse, Status> {
    let person = |name: &str| gateway::Person {
        subject_id: SUBJECT.to_owned(),
        home_tenant: "musterstadt".to_owned(),
        email: "erika@example.org".to_owned(),
        name: name.to_owned(),
        email_confirmed: true,
        ..gateway::Person::default()
    };
    let grants = |roles: &[gateway::Role]| roles.iter().map(|role| grant(*role)).collect();
    use gateway::Role::{DataProtectionOfficer, DataSteward, Moderator, ProcedureOwner, TenantAdministrator};
    let (name, grants) = match token {
        CITIZEN => ("Erika Mustermann", Vec::new()),
        STAFF => (
            "Max Amtmann",
            grants(&[Moderator, ProcedureOwner, DataSteward, DataProtectionOfficer, TenantAdministrator]),
        ),
        _ => return Err(Status::unauthenticated("who?")),
    };
    Ok(gateway::GetMeResponse {
        person: Some(person(name)),
        subject_id: SUBJECT.to_owned(),
        level: gateway::Level::Email.into(),
        grants,
        consistency_token: String::new(),
    })
}

fn grant(role: gateway::Role) -> gateway::Grant {
    gateway::Grant {
        subject_id: SUBJECT.to_owned(),
        tenant: "musterstadt".to_owned(),
        role: role.into(),
        granted_at_us: NOON,
        ..gateway::Grant::default()
    }
}

fn session(token: &str) -> gateway::Session {
    let later = 4_000_000_000_000_000;
    gateway::Session {
        access_token: token.to_owned(),
        expires_at_us: later,
        refresh_token: format!("refresh-{token}"),
        session_ends_at_us: later,
        ..gateway::Session::default()
    }
}

fn procedure() -> participation::Procedure {
    let phase = |kind: participation::PhaseKind, from: &str, to: &str| participation::Phase {
        kind: kind.into(),
        from_day: from.to_owned(),
        to_day: to.to_owned(),
        ..participation::Phase::default()
    };
    use participation::PhaseKind::{Consultation, Evaluation, Submission, Support};
    participation::Procedure {
        procedure_id: PROCEDURE.to_owned(),
        title: "Leitlinien für offenes Regieren".to_owned(),
        summary: "Schreiben Sie mit am Handbuch: drei Wochen lang ist jeder Abschnitt offen für Kommentare und andere Formulierungen.".to_owned(),
        method: "Konsultation".to_owned(),
        required_level: participation::SignInLevel::Email.into(),
        phases: vec![
            phase(Submission, "2019-09-01", "2019-09-27"),
            phase(Consultation, "2019-09-06", "2019-09-27"),
            phase(Evaluation, "2019-09-28", "2019-11-30"),
        ],
        transcription_until_day: "2019-10-04".to_owned(),
        licence: "dl-de/by-2-0".to_owned(),
        supports_per_person: 5,
        support_threshold: 100,
        open_phases: vec![Submission.into(), Consultation.into(), Support.into()],
        status: vec![participation::StatusUpdate { text: "Der Entwurf steht zur Diskussion.".to_owned(), at_us: NOON }],
        published_contributions: 42,
        ..participation::Procedure::default()
    }
}

fn document() -> participation::Document {
    participation::Document {
        document_id: DOCUMENT.to_owned(),
        procedure_id: PROCEDURE.to_owned(),
        title: "Handbuch Offene Kommune".to_owned(),
        latest_version: 2,
        consultation: Some(participation::Consultation {
            from_day: "2019-09-06".to_owned(),
            to_day: "2019-09-27".to_owned(),
            open: true,
            ..participation::Consultation::default()
        }),
    }
}

fn version() -> participation::Version {
    let section = |id: &str, heading: &str, level, text: &str, comments| participation::Section {
        section_id: id.to_owned(),
        heading: heading.to_owned(),
        level,
        text: text.to_owned(),
        comments,
    };
    participation::Version {
        number: 2,
        published_at_us: NOON,
        sections: vec![
            section(
                "ziele",
                "Ziele",
                1,
                "Die Kommune von morgen ist **transparent**, partizipativ und kooperativ.\n\n- offen\n- digital\n\n<b>kein Markup</b>",
                3,
            ),
            section(
                "transparenz",
                "Transparenz",
                2,
                "Daten gehören allen. Mehr dazu bei [GovData](https://www.govdata.de).",
                1,
            ),
            section(
                "beteiligung",
                "Beteiligung",
                2,
                "Wer betroffen ist, redet mit: früh, verständlich und mit Antwort.",
                0,
            ),
        ],
    }
}

fn contribution(
    id: &str,
    kind: participation::ContributionKind,
    title: &str,
    body: &str,
) -> participation::Contribution {
    let target = participation::SectionTarget { document_id: DOCUMENT.into(), section_id: "ziele".into(), version: 1 };
    let comments = matches!(kind, participation::ContributionKind::Comment);
    participation::Contribution {
        contribution_id: id.to_owned(),
        procedure_id: PROCEDURE.to_owned(),
        kind: kind.into(),
        target: comments
            .then_some(participation::Target { target: Some(participation::target::Target::Section(target)) }),
        channel: participation::Channel::Web.into(),
        submitted_at_us: NOON,
        text: Some(participation::Text { title: title.into(), body: body.into(), proposed_text: String::new() }),
        moderation: Some(participation::Moderation {
            state: participation::ModerationState::Published.into(),
            ..participation::Moderation::default()
        }),
        supports: Some(17),
        licence: "dl-de/by-2-0".to_owned(),
        ..participation::Contribution::default()
    }
}

fn comment() -> participation::Contribution {
    let response =
        participation::Response {
            text: "Danke, das übernehmen wir.".to_owned(), at_us: NOON, theme_id: String::new()
        };
    let comment = contribution(COMMENT, participation::ContributionKind::Comment, "", HOSTILE);
    participation::Contribution { response: Some(response), channel: participation::Channel::Letter.into(), ..comment }
}

fn own() -> participation::Contribution {
    let state = participation::ModerationState::Pending.into();
    let own =
        contribution(OWN, participation::ContributionKind::Comment, "", "Bitte auch an Menschen ohne Internet denken.");
    participation::Contribution {
        own: true,
        moderation: Some(participation::Moderation { state, ..participation::Moderation::default() }),
        ..own
    }
}

fn proposal() -> participation::Contribution {
    let standing = participation::ProposalStanding {
        state: participation::ProposalState::Submitted.into(),
        ..participation::ProposalStanding::default()
    };
    let text = "Zwischen Rathaus und Bahnhof fehlen 40 Stellplätze.\n\nMit Dach und Luftpumpe.";
    let proposal =
        contribution(PROPOSAL, participation::ContributionKind::Proposal, "Mehr Fahrradständer am Markt", text);
    participation::Contribution { proposal: Some(standing), comments: 2, ..proposal }
}

fn find(id: &str, token: &str) -> Result<participation::Contribution, Status> {
    match id {
        COMMENT => Ok(comment()),
        PROPOSAL => Ok(proposal()),
        OWN if token == CITIZEN || token == STAFF => Ok(participation::Contribution { own: token == CITIZEN, ..own() }),
        _ => Err(Status::not_found("unknown")),
    }
}

fn theme() -> participation::Theme {
    participation::Theme {
        theme_id: OWN.to_owned(),
        procedure_id: PROCEDURE.to_owned(),
        title: "Digitale Teilhabe".to_owned(),
        description: "Zugänge für alle".to_owned(),
        response: Some(participation::Response {
            text: "Wir richten Lernorte ein.".into(),
            at_us: NOON,
            theme_id: String::new(),
        }),
        contributions: 7,
    }
}

fn project() -> participation::Project {
    participation::Project {
        project_id: PROJECT.to_owned(),
        procedure_id: PROCEDURE.to_owned(),
        title: "Fahrradparkhaus am Bahnhof".to_owned(),
        summary: "200 überdachte Stellplätze".to_owned(),
        state: participation::ProjectState::InProgress.into(),
        status: vec![participation::StatusUpdate { text: "Der Bau hat begonnen.".to_owned(), at_us: NOON }],
        contribution_ids: vec![PROPOSAL.to_owned()],
        ..participation::Project::default()
    }
}

fn station() -> telemetry::Station {
    let stream = |property: telemetry::ObservedProperty, unit: &str, id: u8| telemetry::Datastream {
        datastream_id: format!("0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0b{id:02}"),
        observed_property: property.into(),
        unit: unit.to_owned(),
        expected_interval_s: 145,
    };
    use telemetry::ObservedProperty::{AirTemperature, Pm10, Pm25};
    let datastreams = vec![stream(Pm10, "ug/m3", 1), stream(Pm25, "ug/m3", 2), stream(AirTemperature, "Cel", 3)];
    telemetry::Station {
        station_id: STATION.to_owned(),
        kind: telemetry::StationKind::Citizen.into(),
        cell: Some(telemetry::GridCell {
            code: "CRS3035RES250mN3098500E4110250".to_owned(),
            size_m: 250,
            centre: None,
        }),
        registered_at_us: NOON,
        sensors: vec![telemetry::Sensor { sensor_id: OWN.to_owned(), model: "SDS011".to_owned(), datastreams }],
        ..telemetry::Station::default()
    }
}

fn means() -> Vec<telemetry::Mean> {
    (0..60_u32)
        .map(|day| {
            let date = format!("2019-{:02}-{:02}", 7 + day / 30, day % 30 + 1);
            let wave = f64::from(day * 37 % 41);
            telemetry::Mean {
                label: date,
                mean: (day % 19 != 7).then_some(12.0 + wave + if day == 44 { 12.0 } else { 0.0 }),
                count: if day % 11 == 3 { 9 } else { 24 },
                required: 18,
                valid: day % 11 != 3 && day % 19 != 7,
                ..telemetry::Mean::default()
            }
        })
        .collect()
}

fn dataset() -> opendata::Dataset {
    let text = |de: &str, en: &str| Some(opendata::Text { de: de.to_owned(), en: en.to_owned() });
    let column = opendata::Column {
        name: "mean".to_owned(),
        r#type: opendata::ColumnType::Number.into(),
        description: text("Mittelwert", "Mean"),
        unit: "ug/m3".to_owned(),
    };
    let file = |file: &str, format: opendata::Format| opendata::Distribution {
        file: file.to_owned(),
        format: format.into(),
        bytes: 1_234_567,
        sha256: "ab".repeat(32),
        rows: 31_000,
        columns: vec![column.clone()],
        download_url: format!("/datasets/{DATASET}/versions/3/{file}"),
    };
    let terms =
        opendata::LicenceTerms { licence: opendata::Licence::DlByDe20.into(), attribution: "Stadt Musterstadt".into() };
    opendata::Dataset {
        dataset_id: DATASET.to_owned(),
        description: Some(opendata::Description {
            title: text("Feinstaub, Juli 2019", "Particulates, July 2019"),
            description: text("Messwerte einer Messstelle von Bürgern.", "Observations of a citizens' station."),
            keywords: vec!["Luft".to_owned(), "Feinstaub".to_owned()],
            first_day: "2019-07-01".to_owned(),
            last_day: "2019-07-31".to_owned(),
            ..opendata::Description::default()
        }),
        current: Some(opendata::Version {
            number: 3,
            issued_at_us: NOON,
            release: opendata::Release::Cleared.into(),
            terms: Some(terms),
            distributions: vec![
                file("observations.csv", opendata::Format::Csv),
                file("observations.parquet", opendata::Format::Parquet),
            ],
            ..opendata::Version::default()
        }),
        versions: 3,
        ..opendata::Dataset::default()
    }
}

fn report() -> reporting::Report {
    let title = reporting::LocalizedText { de: "Projektbericht 2019".to_owned(), en: "Project report 2019".to_owned() };
    reporting::Report {
        definition: Some(reporting::ReportDefinition {
            report_id: REPORT.to_owned(),
            title: Some(title),
            first_day: "2019-01-01".to_owned(),
            last_day: "2019-12-31".to_owned(),
            ..reporting::ReportDefinition::default()
        }),
        runs: 1,
        latest_published: Some(run()),
    }
}

fn run() -> reporting::ReportRun {
    reporting::ReportRun {
        run_id: RUN.to_owned(),
        report_id: REPORT.to_owned(),
        run_at_us: NOON,
        published_at_us: Some(NOON),
        figures: 120,
        suppressed: 4,
        ..reporting::ReportRun::default()
    }
}

fn erasure() -> gateway::Erasure {
    gateway::Erasure {
        erasure_id: ERASURE.to_owned(),
        subject_id: SUBJECT.to_owned(),
        scope: gateway::ErasureScope::NamedContributions.into(),
        contribution_ids: vec![COMMENT.to_owned()],
        state: gateway::ErasureState::Requested.into(),
        requested_at_us: NOON,
        due_day: "2019-10-20".to_owned(),
        ..gateway::Erasure::default()
    }
}

fn signed_in(token: &str) -> Result<(), Status> {
    if token.is_empty() { Err(Status::unauthenticated("sign in")) } else { Ok(()) }
}

fn staff(token: &str) -> Result<(), Status> {
    if token == STAFF { Ok(()) } else { Err(Status::permission_denied("staff only")) }
}

/// The services of the town. Comments that arrive are kept in `posted`.
pub(crate) fn services(posted: Posted) -> Fake {
    reading(people(Fake::default()), posted)
}

fn people(fake: Fake) -> Fake {
    fake.rpc("/allmende.gateway.v1.TenantService/ListTenants", |_, _: gateway::ListTenantsRequest| {
        let other =
            gateway::Tenant { tenant: "moers".into(), name: "Stadt Moers".into(), ..gateway::Tenant::default() };
        Ok(gateway::ListTenantsResponse { tenants: vec![tenant(), other], ..gateway::ListTenantsResponse::default() })
    })
    .rpc("/allmende.gateway.v1.TenantService/GetTenant", |_, asked: gateway::GetTenantRequest| {
        match asked.tenant.as_str() {
            "musterstadt" => {
                Ok(gateway::GetTenantResponse { tenant: Some(tenant()), ..gateway::GetTenantResponse::default() })
            }
            _ => Err(Status::not_found("unknown")),
        }
    })
    .rpc("/allmende.gateway.v1.TenantService/SendFeedback", |_, _: gateway::SendFeedbackRequest| {
        Ok(gateway::SendFeedbackResponse::default())
    })
    .rpc("/allmende.gateway.v1.TenantService/ListFeedback", |token, _: gateway::ListFeedbackRequest| {
        staff(token)?;
        let text = gateway::Feedback {
            feedback_id: OWN.into(),
            text: HOSTILE.into(),
            sent_at_us: NOON,
            ..gateway::Feedback::default()
        };
        Ok(gateway::ListFeedbackResponse { feedback: vec![text], ..gateway::ListFeedbackResponse::default() })
    })
    .rpc("/allmende.gateway.v1.IdentityService/GetMe", |token, _: gateway::GetMeRequest| me(token))
    .rpc("/allmende.gateway.v1.IdentityService/SignIn", |_, asked: gateway::SignInRequest| {
        let token = match (asked.email.as_str(), asked.password.as_str()) {
            ("erika@example.org", "correct horse") => CITIZEN,
            ("max@example.org", "correct horse") => STAFF,
            _ => {
                let reason = ("gateway.allmende", "CREDENTIALS_WRONG");
                return Err(allmende_runtime::errors::rejection(reason.0, reason.1, Code::Unauthenticated, "wrong"));
            }
        };
        Ok(gateway::SignInResponse { session: Some(session(token)) })
    })
    .rpc("/allmende.gateway.v1.IdentityService/Refresh", |_, asked: gateway::RefreshRequest| {
        match asked.refresh_token.strip_prefix("refresh-") {
            Some(token) => Ok(gateway::RefreshResponse { session: Some(session(token)) }),
            None => Err(Status::unauthenticated("over")),
        }
    })
    .rpc("/allmende.gateway.v1.IdentityService/SignOut", |_, _: gateway::SignOutRequest| {
        Ok(gateway::SignOutResponse {})
    })
    .rpc("/allmende.gateway.v1.IdentityService/ListGrants", |token, _: gateway::ListGrantsRequest| {
        staff(token)?;
        let grants = vec![grant(gateway::Role::Moderator), grant(gateway::Role::DataSteward)];
        Ok(gateway::ListGrantsResponse { grants, ..gateway::ListGrantsResponse::default() })
    })
    .rpc("/allmende.gateway.v1.IdentityService/ListPeople", |token, _: gateway::ListPeopleRequest| {
        staff(token)?;
        let people = me(CITIZEN)?.person.into_iter().collect();
        Ok(gateway::ListPeopleResponse { people, ..gateway::ListPeopleResponse::default() })
    })
    .rpc("/allmende.gateway.v1.ErasureService/ListErasureRequests", |token, _: gateway::ListErasureRequestsRequest| {
        staff(token)?;
        Ok(gateway::ListErasureRequestsResponse {
            erasures: vec![erasure()],
            ..gateway::ListErasureRequestsResponse::default()
        })
    })
    .rpc("/allmende.gateway.v1.ErasureService/GetErasure", |token, _: gateway::GetErasureRequest| {
        signed_in(token)?;
        Ok(gateway::GetErasureResponse { erasure: Some(erasure()), ..gateway::GetErasureResponse::default() })
    })
}

fn reading(fake: Fake, posted: Posted) -> Fake {
    use participation as p;
    let rpc = |name: &str| format!("/allmende.participation.v1.ParticipationService/{name}");
    let fake = fake
        .rpc(&rpc("ListProcedures"), |_, _: p::ListProceduresRequest| {
            let closed =
                p::Procedure { title: HOSTILE.into(), closed_at_us: Some(NOON), open_phases: vec![], ..procedure() };
            Ok(p::ListProceduresResponse {
                procedures: vec![procedure(), closed],
                ..p::ListProceduresResponse::default()
            })
        })
        .rpc(&rpc("GetProcedure"), |_, asked: p::GetProcedureRequest| {
            if asked.procedure_id != PROCEDURE {
                return Err(Status::not_found("unknown"));
            }
            Ok(p::GetProcedureResponse { procedure: Some(procedure()), ..p::GetProcedureResponse::default() })
        })
        .rpc(&rpc("ListDocuments"), |_, _: p::ListDocumentsRequest| {
            Ok(p::ListDocumentsResponse { documents: vec![document()], ..p::ListDocumentsResponse::default() })
        })
        .rpc(&rpc("GetDocument"), |_, _: p::GetDocumentRequest| {
            let (document, version) = (Some(document()), Some(version()));
            Ok(p::GetDocumentResponse { document, version, ..p::GetDocumentResponse::default() })
        })
        .rpc(&rpc("ListContributions"), |_, _: p::ListContributionsRequest| {
            let contributions = vec![proposal(), comment()];
            Ok(p::ListContributionsResponse {
                contributions,
                next_page_token: "abc+/=".into(),
                ..p::ListContributionsResponse::default()
            })
        })
        .rpc(&rpc("GetContribution"), |token, asked: p::GetContributionRequest| {
            let contribution = Some(find(&asked.contribution_id, token)?);
            Ok(p::GetContributionResponse { contribution, ..p::GetContributionResponse::default() })
        })
        .rpc(&rpc("ListMyContributions"), |token, _: p::ListMyContributionsRequest| {
            signed_in(token)?;
            Ok(p::ListMyContributionsResponse {
                contributions: vec![own()],
                ..p::ListMyContributionsResponse::default()
            })
        })
        .rpc(&rpc("ListSectionThread"), |_, _: p::ListSectionThreadRequest| {
            Ok(p::ListSectionThreadResponse {
                contributions: vec![comment()],
                ..p::ListSectionThreadResponse::default()
            })
        })
        .rpc(&rpc("ListProposalComments"), |_, _: p::ListProposalCommentsRequest| {
            Ok(p::ListProposalCommentsResponse {
                comments: vec![comment()],
                ..p::ListProposalCommentsResponse::default()
            })
        })
        .rpc(&rpc("ListThemes"), |_, _: p::ListThemesRequest| {
            Ok(p::ListThemesResponse { themes: vec![theme()], ..p::ListThemesResponse::default() })
        })
        .rpc(&rpc("ListProjects"), |_, _: p::ListProjectsRequest| {
            Ok(p::ListProjectsResponse { projects: vec![project()], ..p::ListProjectsResponse::default() })
        })
        .rpc(&rpc("GetProject"), |_, _: p::GetProjectRequest| {
            Ok(p::GetProjectResponse { project: Some(project()), ..p::GetProjectResponse::default() })
        })
        .rpc(&rpc("PostComment"), move |token, asked: p::PostCommentRequest| {
            signed_in(token)?;
            if asked.text.as_ref().is_some_and(|text| text.body.contains("zu spät")) {
                let domain = "participation.allmende";
                return Err(allmende_runtime::errors::rejection(
                    domain,
                    "PHASE_CLOSED",
                    Code::FailedPrecondition,
                    "closed",
                ));
            }
            if asked.text.as_ref().is_some_and(|text| text.body.contains("zu lang")) {
                return Err(allmende_runtime::errors::invalid_field("text.body", "must be at most 10,000 characters"));
            }
            posted.lock().unwrap().push(asked);
            Ok(p::PostCommentResponse { contribution: Some(own()), consistency_token: "token-1".into() })
        });
    data(more(fake))
}

fn more(fake: Fake) -> Fake {
    use participation as p;
    let rpc = |name: &str| format!("/allmende.participation.v1.ParticipationService/{name}");
    fake.rpc(&rpc("ListSynopsis"), |_, _: p::ListSynopsisRequest| {
        let entry = p::SynopsisEntry {
            section_id: "ziele".into(),
            heading: "Ziele".into(),
            contribution_id: COMMENT.into(),
            kind: p::ContributionKind::Comment.into(),
            version: 1,
            text: comment().text,
            response: comment().response,
            ..p::SynopsisEntry::default()
        };
        Ok(p::ListSynopsisResponse { entries: vec![entry], ..p::ListSynopsisResponse::default() })
    })
    .rpc(&rpc("DiffVersions"), |_, _: p::DiffVersionsRequest| {
        let span =
            |operation: p::DiffOperation, text: &str| p::DiffSpan { operation: operation.into(), text: text.into() };
        let spans = vec![
            span(p::DiffOperation::Equal, "Daten "),
            span(p::DiffOperation::Deleted, "sollen"),
            span(p::DiffOperation::Inserted, "gehören allen"),
        ];
        let section = p::SectionDiff {
            section_id: "t".into(),
            heading: "Transparenz".into(),
            change: p::SectionChange::Changed.into(),
            spans,
            ..p::SectionDiff::default()
        };
        Ok(p::DiffVersionsResponse { sections: vec![section], ..p::DiffVersionsResponse::default() })
    })
    .rpc(&rpc("SearchPublic"), |_, _: p::SearchPublicRequest| {
        let hit = p::SearchHit {
            thing: Some(p::search_hit::Thing::ContributionId(COMMENT.into())),
            snippet: HOSTILE.into(),
            marks: vec![p::SnippetRange { start: 0, end: 8 }],
            ..p::SearchHit::default()
        };
        Ok(p::SearchPublicResponse { hits: vec![hit], ..p::SearchPublicResponse::default() })
    })
    .rpc(&rpc("ListModerationQueue"), |token, _: p::ListModerationQueueRequest| {
        staff(token)?;
        let report = p::Report { reason: p::ModerationReason::Insult.into(), note: HOSTILE.into(), at_us: NOON };
        let item = |contribution, reason: p::QueueReason| p::QueueItem {
            reason: reason.into(),
            contribution: Some(contribution),
            reports: vec![report.clone()],
            since_us: NOON,
        };
        let items = vec![
            item(p::Contribution { own: false, ..own() }, p::QueueReason::Pending),
            item(comment(), p::QueueReason::Reported),
        ];
        Ok(p::ListModerationQueueResponse { items, waiting: 2, ..p::ListModerationQueueResponse::default() })
    })
    .rpc(&rpc("ModerateContribution"), |token, _: p::ModerateContributionRequest| {
        staff(token)?;
        Ok(p::ModerateContributionResponse::default())
    })
    .rpc(&rpc("GetReachByChannel"), |_, _: p::GetReachByChannelRequest| {
        let reach =
            vec![p::ChannelReach { channel: p::Channel::Web.into(), received: 40, published: 35, answered: 12 }];
        Ok(p::GetReachByChannelResponse { reach, ..p::GetReachByChannelResponse::default() })
    })
    .rpc(&rpc("ListUnansweredComments"), |token, _: p::ListUnansweredCommentsRequest| {
        staff(token)?;
        Ok(p::ListUnansweredCommentsResponse {
            contributions: vec![comment()],
            unanswered: 1,
            ..p::ListUnansweredCommentsResponse::default()
        })
    })
}

fn data(fake: Fake) -> Fake {
    use {opendata as o, reporting as r, telemetry as t};
    let air = |name: &str| format!("/allmende.telemetry.v1.TelemetryService/{name}");
    let catalogue = |name: &str| format!("/allmende.opendata.v1.CatalogService/{name}");
    let reports = |name: &str| format!("/allmende.reporting.v1.ReportingService/{name}");
    fake.rpc(&air("ListStations"), |_, _: t::ListStationsRequest| {
        Ok(t::ListStationsResponse { stations: vec![station()], ..t::ListStationsResponse::default() })
    })
    .rpc(&air("GetStation"), |_, _: t::GetStationRequest| {
        Ok(t::GetStationResponse { station: Some(station()), ..t::GetStationResponse::default() })
    })
    .rpc(&air("GetLatest"), |_, _: t::GetLatestRequest| {
        let latest = |stream: &t::Datastream| t::Latest {
            datastream: Some(stream.clone()),
            observation: Some(t::Observation { phenomenon_time_us: NOON, result: 23.456, flags: vec![] }),
        };
        let latest = station().sensors[0].datastreams.iter().map(latest).collect();
        Ok(t::GetLatestResponse { latest, ..t::GetLatestResponse::default() })
    })
    .rpc(&air("ListMeans"), |_, _: t::ListMeansRequest| {
        Ok(t::ListMeansResponse { means: means(), ..t::ListMeansResponse::default() })
    })
    .rpc(&air("CheckLimits"), |_, _: t::CheckLimitsRequest| {
        let check = t::LimitCheck {
            rule_id: "eu-2008-50/pm10-day".into(),
            source: "Richtlinie 2008/50/EG, Anhang XI".into(),
            period: t::Period::Day.into(),
            limit: 50.0,
            allowed_exceedances: 35,
            exceedances: 3,
            valid_periods: 54,
            required_periods: 329,
            verdict: t::Verdict::InsufficientData.into(),
            indicative: true,
            ..t::LimitCheck::default()
        };
        Ok(t::CheckLimitsResponse { checks: vec![check], ..t::CheckLimitsResponse::default() })
    })
    .rpc(&catalogue("ListDatasets"), |_, _: o::ListDatasetsRequest| {
        Ok(o::ListDatasetsResponse { datasets: vec![dataset()], ..o::ListDatasetsResponse::default() })
    })
    .rpc(&catalogue("GetDataset"), |_, _: o::GetDatasetRequest| {
        Ok(o::GetDatasetResponse { dataset: Some(dataset()), ..o::GetDatasetResponse::default() })
    })
    .rpc(&catalogue("ListVersions"), |_, _: o::ListVersionsRequest| {
        let stone = o::Tombstone { reason: o::WithdrawalReason::Erasure.into(), at_us: NOON, reissued_as: 3 };
        let gone = o::Version { number: 2, issued_at_us: NOON, tombstone: Some(stone), ..o::Version::default() };
        let versions = dataset().current.into_iter().chain([gone]).collect();
        Ok(o::ListVersionsResponse { versions, ..o::ListVersionsResponse::default() })
    })
    .rpc(&reports("ListReports"), |_, _: r::ListReportsRequest| {
        Ok(r::ListReportsResponse { reports: vec![report()], ..r::ListReportsResponse::default() })
    })
    .rpc(&reports("GetReport"), |_, _: r::GetReportRequest| {
        Ok(r::GetReportResponse { report: Some(report()), ..r::GetReportResponse::default() })
    })
    .rpc(&reports("ListRuns"), |_, _: r::ListRunsRequest| {
        Ok(r::ListRunsResponse { runs: vec![run()], ..r::ListRunsResponse::default() })
    })
    .rpc(&reports("RenderReport"), |_, _: r::RenderReportRequest| {
        Ok(r::RenderReportResponse {
            content: "<!doctype html><html lang=\"de\"><title>Bericht</title><h1>Bericht</h1></html>".into(),
            content_type: "text/html; charset=utf-8".into(),
            file_name: "bericht.html".into(),
            content_security_policy: "default-src 'none'; style-src 'sha256-abc'".into(),
            ..r::RenderReportResponse::default()
        })
    })
}
