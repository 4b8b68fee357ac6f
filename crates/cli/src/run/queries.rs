//! Commands that read.

use roadbook_api::commands::pages::ListViews;
use roadbook_api::commands::queries::{
    Finished, ListRecords, SearchRecords, ShowHistory, ShowJournal, ShowRecord, Trash,
};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_app::Run as _;

use super::device::runtime;
use super::{Place, only_target};
use crate::args::{History, Journal, List, Search, Show};
use crate::exit::{self, Exit};
use crate::show;

pub(super) fn list(at: &Place<'_>, args: &List) -> Result<Exit, ApiError> {
    let finished = match (args.open, args.closed) {
        (true, _) => Finished::Open,
        (false, true) => Finished::Closed,
        (false, false) => Finished::Any,
    };
    let app = at.open()?;
    let mut filters = args.filters.clone();
    let (mut finished, mut order) = (finished, args.order.clone());
    if let Some(name) = &args.view {
        let views = app.run(ListViews { entity: Some(args.entity.clone()) })?;
        let view = views.into_iter().find(|view| view.name.eq_ignore_ascii_case(name));
        let view = view.ok_or_else(|| {
            let message = format!(
                "there is no view `{name}` of these on this device; `roadbook views` lists them"
            );
            ApiError::new(ErrorCode::NotFound, message)
        })?;
        filters.extend(view.filters);
        order = order.or(view.order);
        if finished == Finished::Any {
            finished = view.finished;
        }
    }
    let page = app.run(ListRecords {
        filters,
        trash: if args.trash { Trash::Only } else { Trash::Hidden },
        finished,
        order,
        after: args.after.clone(),
        ..ListRecords::newest(args.entity.clone(), args.limit)
    })?;
    at.terminal.say(&page, |page| show::records::list(page, at.terminal, &at.now()))?;
    Ok(exit::OK)
}

pub(super) fn show(at: &Place<'_>, args: &Show) -> Result<Exit, ApiError> {
    let target = only_target(&args.words)?;
    let view = at.open()?.run(ShowRecord { entity: target.entity, record: target.record })?;
    at.terminal.say(&view, |view| show::records::record(view, at.terminal, &at.now()))?;
    Ok(exit::OK)
}

pub(super) fn search(at: &Place<'_>, args: &Search) -> Result<Exit, ApiError> {
    let command = SearchRecords { text: args.words.join(" "), limit: args.limit };
    let page = at.open()?.run(command)?;
    at.terminal.say(&page, |page| show::records::hits(page, at.terminal, &at.now()))?;
    Ok(exit::OK)
}

pub(super) fn history(at: &Place<'_>, args: &History) -> Result<Exit, ApiError> {
    let target = only_target(&args.words)?;
    let app = at.open()?;
    if args.older {
        runtime()?.block_on(app.fetch_history(target.entity.as_deref(), &target.record))?;
    }
    let entries = app.run(ShowHistory {
        entity: target.entity,
        record: target.record,
        field: args.field.clone(),
        older: args.older,
    })?;
    at.terminal.say(&entries, |entries| show::history::history(entries, at.terminal, &at.now()))?;
    Ok(exit::OK)
}

pub(super) fn journal(at: &Place<'_>, args: &Journal) -> Result<Exit, ApiError> {
    let command = ShowJournal { record: args.record.clone(), limit: args.limit };
    let entries = at.open()?.run(command)?;
    at.terminal.say(&entries, |entries| show::history::journal(entries, at.terminal, &at.now()))?;
    Ok(exit::OK)
}
