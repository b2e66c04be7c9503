use askama::Template;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use crate::assets;
use crate::forms::Form;
use crate::visit::Visit;
use crate::words::{self, Language, Messages};

/// A page: a heading, and parts in order.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) title: String,
    /// What stands above the heading.
    pub(crate) kicker: String,
    pub(crate) lead: String,
    /// The way here: address and name.
    pub(crate) crumbs: Vec<(String, String)>,
    pub(crate) blocks: Vec<String>,
    /// The entry of the main navigation it belongs to.
    pub(crate) section: &'static str,
    pub(crate) is_start: bool,
    status: StatusCode,
}

#[derive(Template)]
#[template(path = "layout.html")]
struct Layout<'a> {
    page: &'a Page,
    visit: &'a Visit,
    m: &'static Messages,
    lang: &'static str,
    other: Language,
    place: String,
    home: String,
    accent: String,
    style: String,
    is_demo: bool,
    navigation: Vec<(String, &'static str)>,
    done: &'static str,
}

impl Page {
    pub(crate) fn new(title: impl AsRef<str>) -> Self {
        Self {
            title: words::clean(title.as_ref()),
            kicker: String::new(),
            lead: String::new(),
            crumbs: Vec::new(),
            blocks: Vec::new(),
            section: "",
            is_start: false,
            status: StatusCode::OK,
        }
    }

    pub(crate) fn kicker(self, kicker: impl Into<String>) -> Self {
        Self { kicker: kicker.into(), ..self }
    }

    pub(crate) fn lead(self, lead: impl AsRef<str>) -> Self {
        Self { lead: words::clean(lead.as_ref()), ..self }
    }

    pub(crate) fn crumb(mut self, href: String, label: impl AsRef<str>) -> Self {
        self.crumbs.push((href, words::excerpt(label.as_ref(), 60)));
        self
    }

    pub(crate) fn section(self, section: &'static str) -> Self {
        Self { section, ..self }
    }

    pub(crate) fn start(self) -> Self {
        Self { is_start: true, ..self }
    }

    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// With a part after the others.
    pub(crate) fn with(mut self, part: impl Template) -> Self {
        // Rendering into memory fails only where a template says so, and none does.
        self.blocks.push(part.render().unwrap_or_default());
        self
    }

    /// With a part, if there is one.
    pub(crate) fn with_some(self, part: Option<impl Template>) -> Self {
        match part {
            Some(part) => self.with(part),
            None => self,
        }
    }

    /// With a form, whose errors are the page's.
    pub(crate) fn with_form(self, form: Form) -> Self {
        let status = if form.is_wrong() { form.status() } else { self.status };
        self.status(status).with(form)
    }

    /// With the forms of a page, one of them as it was sent and came back.
    pub(crate) fn with_forms(mut self, forms: Vec<Form>, tried: Option<Form>) -> Self {
        let mut tried = tried;
        for form in forms {
            let form = match tried.take_if(|tried| tried.id() == form.id()) {
                Some(tried) => tried,
                None => form,
            };
            self = self.with_form(form);
        }
        self
    }

    pub(crate) fn is_wrong(&self) -> bool {
        self.status == StatusCode::UNPROCESSABLE_ENTITY
    }

    /// The page as this visit sees it.
    pub(crate) fn respond(&self, visit: &Visit) -> Response {
        let tenant = visit.tenant.as_ref();
        let m = visit.m;
        let entries = [
            ("/verfahren", m.procedures),
            ("/vorhaben", m.projects),
            ("/messstellen", m.stations),
            ("/daten", m.data),
            ("/berichte", m.reports),
            ("/suche", m.search),
        ];
        let staff = visit.is_staff().then_some(("/verwaltung", m.administration));
        let navigation = entries.into_iter().chain(staff).map(|(page, label)| (visit.to(page), label)).collect();
        let layout = Layout {
            page: self,
            visit,
            m,
            lang: visit.language.code(),
            other: visit.language.other(),
            place: tenant.map(|tenant| visit.theirs(&tenant.name)).unwrap_or_default(),
            home: format!("/{}", visit.slug()),
            accent: tenant.map(|tenant| accent(&tenant.tenant)).unwrap_or_default(),
            style: assets::style(),
            is_demo: tenant.is_some_and(|tenant| tenant.demo),
            navigation,
            done: words::done(visit.query("ok"), visit.language),
        };
        match layout.render() {
            Ok(html) => {
                (self.status, [(CONTENT_TYPE, "text/html; charset=utf-8")], words::written(&html)).into_response()
            }
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// The tenant's colour: one of six that are legible on light and on dark, the same on every page.
fn accent(tenant: &str) -> String {
    let sum = tenant.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
    format!("a{}", sum % 6)
}
