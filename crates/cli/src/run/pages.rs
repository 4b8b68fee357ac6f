//! What a screen shows in one look: today, boards, timelines, related records, saved views.

use jiff::Timestamp;
use roadbook_api::ApiError;
use roadbook_api::commands::pages::{
    ListViews, RemoveView, SaveView, ShowBoard, ShowRelated, ShowTimeline, ShowToday,
};
use roadbook_api::commands::queries::Finished;
use roadbook_api::views::Layout;
use roadbook_app::Run as _;

use super::{Place, only_target};
use crate::args::pages::{Board, BoardShown, Related, Timeline, Today, Views, ViewsAction};
use crate::exit::{self, Exit};
use crate::show::pages as show;
use crate::show::words::Now;

/// The day where the terminal is, and how far that place is ahead of UTC, in minutes.
fn here(now: &Now) -> (String, i32) {
    let at = Timestamp::from_millisecond(now.wall_ms).unwrap_or_default();
    let at = at.to_zoned(now.zone.clone());
    (at.date().to_string(), at.offset().seconds() / 60)
}

/// `today`
pub(super) fn today(at: &Place<'_>, args: &Today) -> Result<Exit, ApiError> {
    let now = at.now();
    let (day, offset_minutes) = here(&now);
    let day = args.day.clone().unwrap_or(day);
    let view = at.open()?.run(ShowToday { day, offset_minutes })?;
    at.terminal.say(&view, |view| show::today(view, at.terminal, &now))?;
    Ok(exit::OK)
}

/// `board`
pub(super) fn board(at: &Place<'_>, args: &Board) -> Result<Exit, ApiError> {
    columns(at, &args.entity, &args.shown)
}

/// `pipeline`
pub(super) fn pipeline(at: &Place<'_>, shown: &BoardShown) -> Result<Exit, ApiError> {
    columns(at, "opportunity", shown)
}

fn columns(at: &Place<'_>, entity: &str, shown: &BoardShown) -> Result<Exit, ApiError> {
    let BoardShown { filters, column, order, limit, after } = shown;
    let now = at.now();
    let command = ShowBoard {
        entity: entity.to_owned(),
        filters: filters.clone(),
        day: Some(here(&now).0),
        order: order.clone(),
        limit: *limit,
        column: column.clone(),
        after: after.clone(),
    };
    let view = at.open()?.run(command)?;
    at.terminal.say(&view, |view| show::board(view, at.terminal))?;
    Ok(exit::OK)
}

/// `timeline`
pub(super) fn timeline(at: &Place<'_>, args: &Timeline) -> Result<Exit, ApiError> {
    let target = only_target(&args.words)?;
    let command = ShowTimeline {
        entity: target.entity,
        record: target.record,
        limit: args.limit,
        after: args.after.clone(),
    };
    let page = at.open()?.run(command)?;
    at.terminal.say(&page, |page| show::timeline(page, at.terminal, &at.now()))?;
    Ok(exit::OK)
}

/// `related`
pub(super) fn related(at: &Place<'_>, args: &Related) -> Result<Exit, ApiError> {
    let target = only_target(&args.words)?;
    let (entity, record) = (target.entity, target.record);
    let view = at.open()?.run(ShowRelated { entity, record, limit: args.limit })?;
    at.terminal.say(&view, |view| show::related(view, at.terminal))?;
    Ok(exit::OK)
}

/// `views`
pub(super) fn views(at: &Place<'_>, args: &Views) -> Result<Exit, ApiError> {
    let app = at.open()?;
    let views = match &args.action {
        None => app.run(ListViews { entity: None })?,
        Some(ViewsAction::Save(view)) => app.run(SaveView {
            entity: view.entity.clone(),
            name: view.name.clone(),
            filters: view.filters.clone(),
            finished: if view.open { Finished::Open } else { Finished::Any },
            order: view.order.clone(),
            fields: Vec::new(),
            layout: Layout::List,
        })?,
        Some(ViewsAction::Remove(view)) => {
            app.run(RemoveView { entity: view.entity.clone(), name: view.name.clone() })?
        }
    };
    at.terminal.say(&views, |views| show::views(views, at.terminal))?;
    Ok(exit::OK)
}
