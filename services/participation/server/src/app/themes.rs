use allmende_eventlog::Request;
use allmende_kernel::{TenantId, Timestamp};
use allmende_participation_domain::contribution::{self, ByStaff, Command, Context};
use allmende_participation_domain::{ContributionId, ProcedureId, ThemeId, theme};
use allmende_runtime::fields::ConsistencyToken;

use super::{App, exists, refused, stream};
use crate::error::Error;
use crate::wire::{Contribution, Theme};

impl App {
    /// Defines a theme, or answers it.
    pub(crate) async fn change_theme(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        id: ThemeId,
        command: impl Fn(Timestamp) -> theme::Command,
    ) -> Result<ConsistencyToken, Error> {
        let of_theme = stream::<theme::Model>(tenant, id);
        self.commands.warm::<Theme>(&of_theme).await?;
        self.change(request, |transaction, now| {
            let exists = exists(transaction, tenant, procedure)?;
            transaction.decide::<Theme>(&of_theme, &exists, &command(now)).map(|_| ()).map_err(refused)
        })
        .await
    }

    /// Puts texts under a theme: all of them or, if one is refused, none.
    pub(crate) async fn assign_theme(
        &self,
        tenant: &TenantId,
        procedure: ProcedureId,
        request: &Request,
        texts: Vec<ContributionId>,
        theme: Option<ThemeId>,
    ) -> Result<ConsistencyToken, Error> {
        let streams: Vec<_> = texts.iter().map(|id| stream::<contribution::Model>(tenant, id)).collect();
        for of_text in &streams {
            self.commands.warm::<Contribution>(of_text).await?;
        }
        self.change(request, |transaction, at| {
            let of_theme = theme.map(|theme| stream::<theme::Model>(tenant, theme));
            let theme_of = match &of_theme {
                Some(of_theme) => transaction.state::<Theme>(of_theme)?.map(|theme| theme.procedure),
                None => None,
            };
            let context = Context { theme: theme_of, ..Context::default() };
            let command = Command::Staff(procedure, ByStaff::AssignTheme { theme, at });
            for of_text in &streams {
                transaction.decide::<Contribution>(of_text, &context, &command).map_err(refused)?;
            }
            Ok(())
        })
        .await
    }
}
