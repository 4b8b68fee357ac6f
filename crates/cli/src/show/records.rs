//! Records: lists, one record in full, search hits, and what was saved.

use std::fmt::Write as _;

use roadbook_api::ValueView;
use roadbook_api::commands::queries::{RecordPage, SearchPage};
use roadbook_api::views::{
    AccountWas, ConvertedView, FieldView, Leave, Mark, RecordView, WrittenView,
};
use roadbook_domain::{Entity, MergeClass, Schema, ValueType};

use super::table::{Lean, table};
use super::words::{self, Now, grouped, one_line, short, value};
use crate::terminal::{Style, Terminal};

/// A list shows so many fields beside the name.
const COLUMNS: usize = 5;

/// What a list of a kind shows beside the name, where the records have it.
const fn columns(entity: Entity) -> &'static [&'static str] {
    match entity {
        Entity::Account => &["city", "industry", "owner", "next_step", "tags"],
        Entity::Contact => &["role", "account", "emails", "phones", "owner"],
        Entity::Lead => &["status", "company", "source", "owner", "tags"],
        Entity::Opportunity => &["stage", "amount", "close_date", "account", "owner"],
        Entity::Product => &["sku", "family", "list_price", "active"],
        Entity::PriceBook => &["currency", "valid_from", "valid_to"],
        Entity::Quote => &["state", "account", "opportunity", "valid_until", "owner"],
        Entity::Activity => &["kind", "account", "started_at", "outcome", "owner"],
        Entity::Task => &["state", "due_on", "priority", "account", "owner"],
        Entity::Note => &["account", "body", "owner"],
        Entity::Territory => &["parent"],
        Entity::User => &["login", "role", "territory", "active"],
        Entity::Team => &["lead"],
    }
}

/// A page of a list.
pub(crate) fn list(page: &RecordPage, terminal: &Terminal, now: &Now) -> String {
    let Some(first) = page.records.first() else {
        return "nothing found".to_owned();
    };
    let schema = Schema::crm();
    let shown: Vec<&str> = columns(first.entity)
        .iter()
        .copied()
        .filter(|name| page.records.iter().any(|record| record.fields.contains_key(*name)))
        .take(COLUMNS)
        .collect();
    let number = |name: &str| {
        let kind = schema.field(first.entity, name).map(|def| def.value_type);
        matches!(kind, Some(ValueType::Money | ValueType::Integer | ValueType::Percent))
    };
    let titles: Vec<String> = shown
        .iter()
        .map(|name| {
            let label = schema.field(first.entity, name).map_or(*name, |def| def.label);
            label.to_uppercase()
        })
        .collect();
    let mut header = vec![("ID", Lean::Left), ("NAME", Lean::Left)];
    header.extend(titles.iter().zip(&shown).map(|(title, name)| {
        (title.as_str(), if number(name) { Lean::Right } else { Lean::Left })
    }));
    header.push(("", Lean::Left));
    let rows: Vec<Vec<String>> = page
        .records
        .iter()
        .map(|record| {
            let mut row = vec![short(&record.record), one_line(&record.title)];
            row.extend(shown.iter().map(|name| {
                record.fields.get(*name).map_or_else(String::new, |field| cell(field, now))
            }));
            row.push(state(record).to_owned());
            row
        })
        .collect();
    let mut out = table(&header, &rows, |text| terminal.style(Style::Bold, text));
    let shown = page.records.len() as u64;
    if let Some(next) = &page.next {
        let _ = write!(
            out,
            "{} of {}; for more: --after {next}",
            grouped(&shown.to_string()),
            grouped(&page.total.to_string())
        );
    } else if shown != page.total {
        let _ = write!(out, "the end of {}", grouped(&page.total.to_string()));
    }
    out
}

const fn state(record: &RecordView) -> &'static str {
    match (record.disputed, record.pending) {
        (true, _) => "disputed",
        (false, true) => "not sent yet",
        (false, false) => "",
    }
}

/// A field in a list: what is disputed says so.
fn cell(field: &FieldView, now: &Now) -> String {
    let text = if field.value == ValueView::Null {
        String::new()
    } else {
        value(&field.value, &field.text, now)
    };
    if field.disputed { format!("{text} (disputed)") } else { text }
}

/// One record in full.
pub(crate) fn record(view: &RecordView, terminal: &Terminal, now: &Now) -> String {
    let kind = view.entity.name().replace('_', " ");
    let mut out = format!("{} {}\n", terminal.style(Style::Bold, &view.title), kind);
    let _ = writeln!(out, "{}", terminal.style(Style::Dim, &view.record.to_string()));
    if view.deleted {
        out.push_str("in the trash\n");
    }
    let schema = Schema::crm();
    let defs = &schema.entity(view.entity).fields;
    let present = || defs.iter().filter(|def| view.fields.contains_key(def.name));
    let widest = present().map(|def| def.label.chars().count()).max().unwrap_or(0);
    for def in present().filter(|def| def.name != schema.entity(view.entity).title) {
        let Some(field) = view.fields.get(def.name) else { continue };
        let gap = " ".repeat(widest - def.label.chars().count());
        let mut text = in_full(field, def.class, widest, now);
        if let Some(unit) = def.unit.filter(|unit| *unit != "year") {
            let _ = write!(text, " {unit}");
        }
        if def.name == "founded"
            && let ValueView::Integer { number } = field.value
        {
            text = number.to_string();
        }
        let note = match (field.disputed, field.mark) {
            (true, _) => "disputed; see `roadbook conflicts`",
            (false, Mark::Pending) => "not sent yet",
            (false, Mark::Proposed) => "asked for; counts when the server confirms it",
            (false, Mark::NeedsYou) => "your change was denied: see `roadbook pending`",
            (false, Mark::Accepted) => "",
        };
        let note = if note.is_empty() {
            String::new()
        } else {
            format!("  {}", terminal.style(Style::Warn, &format!("({note})")))
        };
        let _ = writeln!(out, "{}{gap}  {text}{note}", def.label);
    }
    let _ = write!(out, "edited {}", now.time(view.updated_ms));
    out
}

/// A value in full; a long text keeps its lines, indented.
fn in_full(field: &FieldView, class: MergeClass, indent: usize, now: &Now) -> String {
    if let ValueView::Text { text } = &field.value {
        if class == MergeClass::Text && text.contains('\n') {
            let indent = format!("\n{}", " ".repeat(indent + 2));
            return text.trim_end().replace('\n', &indent);
        }
        return text.clone();
    }
    cell(&FieldView { disputed: false, ..field.clone() }, now)
}

/// What a search found.
pub(crate) fn hits(page: &SearchPage, terminal: &Terminal, now: &Now) -> String {
    let mut out = String::new();
    if let Some(words) = &page.corrected {
        let _ = writeln!(out, "nothing has these words; showing \u{201c}{words}\u{201d}");
    }
    if page.hits.is_empty() {
        out.push_str("nothing found on this device");
        return out;
    }
    let header = [
        ("ID", Lean::Left),
        ("KIND", Lean::Left),
        ("NAME", Lean::Left),
        ("FOUND IN", Lean::Left),
        ("EDITED", Lean::Left),
    ];
    let rows: Vec<Vec<String>> = page
        .hits
        .iter()
        .map(|hit| {
            vec![
                short(&hit.link.record),
                hit.link.entity.name().replace('_', " "),
                one_line(&hit.link.title),
                one_line(&hit.excerpt),
                now.time(hit.updated_ms),
            ]
        })
        .collect();
    out.push_str(&table(&header, &rows, |text| terminal.style(Style::Bold, text)));
    out
}

/// What a lead became, and how to take it back.
pub(crate) fn converted(view: &ConvertedView, terminal: &Terminal) -> String {
    let account = match view.account_was {
        AccountWas::There => "there before",
        AccountWas::Made => "made",
    };
    let saved = format!("Saved on this device. Take it back with `roadbook undo {}`", view.intent);
    format!(
        "{}: converted\n{}: {account}\n{}: made\n{}: made\n{}",
        words::record(&view.lead),
        words::record(&view.account),
        words::record(&view.contact),
        words::record(&view.opportunity),
        terminal.style(Style::Dim, &saved)
    )
}

/// What was saved.
pub(crate) fn written(view: &WrittenView, terminal: &Terminal, now: &Now) -> String {
    let mut out = format!("{}: ", words::record(&view.link));
    let shown: Vec<String> = match view.changes.first() {
        Some(first) if first.action == "create" => vec!["made".to_owned()],
        _ => view.changes.iter().map(|change| words::change(change, now)).collect(),
    };
    out.push_str(&shown.join("; "));
    if view.leave == Leave::NeedsConfirmation {
        out.push_str("\nIt counts when the server confirms it.");
    }
    let saved = format!("Saved on this device. ({})", view.intent);
    let _ = write!(out, "\n{}", terminal.style(Style::Dim, &saved));
    out
}
