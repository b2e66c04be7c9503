//! Themes: texts that are answered together.

use allmende_proto::participation::v1::{
    AssignThemeRequest, DefineThemeRequest, ListContributionsRequest, ListThemesRequest, Procedure,
    RespondToThemeRequest, Theme,
};
use axum::Extension;
use axum::extract::Path;
use tonic::Status;

use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, Whole, procedures, whole};
use crate::view::{Cell, Entry, Heading, Notice, Pager, Paragraph, Table};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

const DEFINE: &str = "thema";
const ASSIGN: &str = "zuordnen";
const RESPOND: &str = "antwort";

struct Known {
    procedure: Procedure,
    themes: Whole<Theme>,
    /// A page of texts to choose from: id and title.
    texts: Vec<(String, String)>,
    more_texts: String,
}

async fn known(visit: &Visit, id: &str) -> Result<Known, Failure> {
    let procedure = procedures::find(visit, id).await?;
    let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Participation));
    let themes = whole(|page_token| async move {
        let (tenant, consistency_token) = (visit.of_tenant(), visit.seen(Service::Participation));
        let procedure_id = id.to_owned();
        let request = ListThemesRequest { tenant, procedure_id, page_size: 200, page_token, consistency_token };
        let answer = visit.api.participation().list_themes(visit.ask(request)).await?.into_inner();
        Ok((answer.themes, answer.next_page_token))
    });
    let themes = themes.await?;
    let request = ListContributionsRequest {
        tenant,
        procedure_id: id.to_owned(),
        page_size: 50,
        page_token: visit.query("seite").to_owned(),
        consistency_token,
        ..ListContributionsRequest::default()
    };
    let answer = visit.api.participation().list_contributions(visit.ask(request)).await?.into_inner();
    let text = |contribution| {
        let entry = Entry::of(visit, contribution);
        let theme = themes.items.iter().find(|theme| theme.theme_id == contribution.theme_id);
        let theme =
            theme.map(|theme| format!(" ({})", visit.theirs(words::excerpt(&theme.title, 40)))).unwrap_or_default();
        let text = if entry.body.is_empty() { entry.title } else { words::excerpt(&entry.body, 90) };
        (entry.id, format!("{text}{theme}"))
    };
    let texts = answer.contributions.iter().map(text).collect();
    Ok(Known { procedure, themes, texts, more_texts: answer.next_page_token })
}

fn forms(visit: &Visit, known: &Known) -> Vec<Form> {
    let m = visit.m;
    let mut forms = vec![
        Form::new(visit, DEFINE, m.save)
            .titled(m.define_theme)
            .with_new_id("theme_id")
            .field(Field::line("title", m.headline, 200))
            .field(Field::area("description", m.description, 3, 2_000).optional()),
    ];
    if known.themes.items.is_empty() {
        return forms;
    }
    let themes: Vec<_> = known
        .themes
        .items
        .iter()
        .map(|theme| (theme.theme_id.clone(), visit.theirs(words::excerpt(&theme.title, 80))))
        .collect();
    if !known.texts.is_empty() {
        forms.push(
            Form::new(visit, ASSIGN, m.assign)
                .titled(m.assign_theme)
                .field(Field::select("theme_id", m.theme, themes.clone()))
                .field(
                    Field::boxes("contribution_ids", m.contributions, known.texts.clone())
                        .leading(known.texts.iter().map(|(id, _)| visit.to(&format!("/beitraege/{id}"))).collect()),
                ),
        );
    }
    forms.push(
        Form::new(visit, RESPOND, m.publish_answer)
            .titled(m.answer_theme)
            .field(Field::select("theme_id", m.theme, themes))
            .field(Field::area("text", m.answer, 8, 10_000).hint(m.answer_theme_hint)),
    );
    forms
}

fn page(visit: &Visit, known: &Known, tried: Option<Form>) -> Outcome {
    let m = visit.m;
    let row = |theme: &Theme| {
        let answered = theme.response.as_ref().map(|response| words::moment(response.at_us, visit.language));
        vec![
            Cell::text(visit.theirs(&theme.title)),
            Cell::number(theme.contributions.to_string()),
            Cell::text(answered.unwrap_or_else(|| m.no_answer_yet.to_owned())),
        ]
    };
    let heads = vec![Cell::text(m.theme), Cell::number(m.contributions), Cell::text(m.answer)];
    let page = visit.procedure_page(m.themes_and_answers, &known.procedure).with(Heading::new(m.themes));
    let mut page = if known.themes.items.is_empty() {
        page.with(Paragraph::soft(m.no_themes))
    } else {
        page.with(Table { caption: m.themes.to_owned(), heads, rows: known.themes.items.iter().map(row).collect() })
    };
    page = page.with_some(known.themes.goes_on.then(|| Notice::warning(m.list_goes_on)));
    for form in forms(visit, known) {
        let is_of_texts = form.id() == ASSIGN;
        page = match &tried {
            Some(tried) if tried.id() == form.id() => page.with_form(tried.clone()),
            _ => page.with_form(form),
        };
        if is_of_texts {
            page = page.with_some(Pager::of(visit, "seite", m.contributions, &known.more_texts));
        }
    }
    Ok(page.respond(visit))
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.staff_only()?;
    page(&visit, &known(&visit, &id).await?, None)
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.staff_only()?;
    let known = known(&visit, &id).await?;
    let sent = submitted.get("form");
    let form = forms(&visit, &known).into_iter().find(|form| form.id() == sent).ok_or(Failure::NotFound)?;
    let form = form.filled(&submitted);
    if form.is_wrong() {
        return page(&visit, &known, Some(form));
    }
    match change(&visit, id, &submitted).await {
        Ok(token) => Ok(visit.done(&visit.here(), "gespeichert", Service::Participation, &token)),
        Err(status) => page(&visit, &known, Some(form.refused(&visit, &status)?)),
    }
}

async fn change(visit: &Visit, procedure_id: String, submitted: &Submitted) -> Result<String, Status> {
    let (tenant, request_id, theme_id) = (visit.of_tenant(), submitted.text("request_id"), submitted.text("theme_id"));
    let mut client = visit.api.participation();
    match submitted.get("form") {
        DEFINE => {
            let (title, description) = (submitted.text("title"), submitted.text("description"));
            let request = DefineThemeRequest { tenant, request_id, procedure_id, theme_id, title, description };
            client.define_theme(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
        ASSIGN => {
            let contribution_ids = submitted.all("contribution_ids");
            let request = AssignThemeRequest { tenant, request_id, procedure_id, contribution_ids, theme_id };
            client.assign_theme(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
        _ => {
            let text = submitted.text("text");
            let request = RespondToThemeRequest { tenant, request_id, procedure_id, theme_id, text };
            client.respond_to_theme(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
    }
}
