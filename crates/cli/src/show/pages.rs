//! What a screen shows in one look: today, boards, timelines, related records, saved views.

use std::fmt::Write as _;

use roadbook_api::commands::queries::Finished;
use roadbook_api::views::{
    AgendaItemView, BoardView, CardMarker, CardView, NextReason, RelatedView, SavedView,
    TimelinePage, TimelineWhat, TodayView, TotalView,
};

use super::history;
use super::table::{Lean, table};
use super::words::{self, Now, count, grouped, named, one_line, short, shortened};
use crate::terminal::{Style, Terminal};

/// A day.
pub(crate) fn today(view: &TodayView, terminal: &Terminal, now: &Now) -> String {
    let counts = &view.counts;
    let head = format!("{}: {} of {} done", view.day, counts.done, counts.agenda);
    let mut out = format!("{}\n", terminal.style(Style::Bold, &head));
    for item in &view.agenda {
        let _ = writeln!(out, "  {}", agenda(item, now));
    }
    if counts.overdue > 0 {
        let head = format!("Overdue: {}", grouped(&counts.overdue.to_string()));
        let _ = writeln!(out, "{}", terminal.style(Style::Warn, &head));
        for item in &view.overdue {
            let late = count(u64::from(item.days_late), "day", "days");
            let _ = writeln!(out, "  {}, {late}", agenda(item, now));
        }
    }
    if !view.next_best.is_empty() {
        let _ = writeln!(out, "{}", terminal.style(Style::Bold, "Next"));
    }
    for next in &view.next_best {
        let why: Vec<String> = next.reasons.iter().map(reason).collect();
        let amount = next.amount.as_ref().map_or_else(String::new, |amount| {
            let disputed = if next.disputed { " (disputed)" } else { "" };
            format!(", {}{disputed}", named(amount, now))
        });
        let _ = writeln!(out, "  {}{amount}: {}", words::record(&next.link), why.join(", "));
    }
    let deals = count(counts.open_deals, "open deal", "open deals");
    let _ = write!(out, "{deals}, {} without a next step", counts.without_next_step);
    out
}

fn agenda(item: &AgendaItemView, now: &Now) -> String {
    let mark = if item.done { "x" } else { "-" };
    let time = item.at_ms.map_or_else(String::new, |at_ms| format!("{} ", now.time(at_ms)));
    let with = item.account.as_ref().map_or_else(String::new, |it| format!(", {}", it.title));
    let high = if item.priority.as_deref() == Some("High") { " (high)" } else { "" };
    let title = one_line(&item.link.title);
    format!("{mark} {time}{} {title}{high}{with} ({})", item.kind, short(&item.link.record))
}

fn reason(reason: &NextReason) -> String {
    let days = |days: u32| count(u64::from(days), "day", "days");
    match reason {
        NextReason::CloseDatePassed { days: late } => {
            format!("close date passed {} ago", days(*late))
        }
        NextReason::NoNextStep => "no next step".to_owned(),
        NextReason::NoActivity { days: quiet } => format!("nobody in touch for {}", days(*quiet)),
        NextReason::NeverInTouch => "nobody was ever in touch".to_owned(),
    }
}

/// A board, column by column.
pub(crate) fn board(view: &BoardView, terminal: &Terminal) -> String {
    let mut out = String::new();
    for column in &view.columns {
        let mut head = format!("{}  {}", column.state, grouped(&column.count.to_string()));
        for (total, what) in [(&column.total, ""), (&column.weighted, " weighted")] {
            if let Some(total) = total.as_ref().filter(|total| !total.sums.is_empty()) {
                let _ = write!(head, "  {}{what}", sums(total));
            }
        }
        let _ = writeln!(out, "{}", terminal.style(Style::Bold, &head));
        for one in &column.cards {
            let _ = writeln!(out, "  {}", card(one));
        }
        if let Some(next) = &column.next {
            let more = column.count - column.cards.len() as u64;
            let _ = writeln!(
                out,
                "  and {} more: --column \"{}\" --after {next}",
                grouped(&more.to_string()),
                column.state
            );
        }
    }
    out
}

fn sums(total: &TotalView) -> String {
    let sums: Vec<String> = total.sums.iter().map(|sum| grouped(&sum.text)).collect();
    let disputed =
        if total.disputed > 0 { format!(" ({} disputed)", total.disputed) } else { String::new() };
    format!("{}{disputed}", sums.join(" + "))
}

fn card(card: &CardView) -> String {
    let mut out = format!("{} {}", short(&card.link.record), one_line(&card.link.title));
    if let Some(account) = &card.account {
        let _ = write!(out, ", {}", account.title);
    }
    if let Some(amount) = &card.amount {
        let disputed = card.disputed.iter().any(|field| field == "amount");
        let note = if disputed { " (disputed)" } else { "" };
        let _ = write!(out, ", {}{note}", grouped(&amount.text));
    }
    if let Some(days) = card.days {
        let _ = write!(out, ", {}", count(u64::from(days), "day", "days"));
    }
    for marker in &card.markers {
        out.push_str(match marker {
            CardMarker::Slipped => ", slipped",
            CardMarker::Stalled => ", stalled",
        });
    }
    if !card.missing.is_empty() {
        let _ = write!(out, "; lacks {}", card.missing.join(", "));
    }
    out
}

/// A timeline.
pub(crate) fn timeline(page: &TimelinePage, terminal: &Terminal, now: &Now) -> String {
    if page.entries.is_empty() {
        return "nothing is known of it on this device".to_owned();
    }
    let mut out = String::new();
    for entry in &page.entries {
        let what = match &entry.what {
            TimelineWhat::Activity { link, kind, outcome, text, .. } => {
                let outcome = outcome.as_ref().map_or_else(String::new, |it| format!(": {it}"));
                let text = text.as_ref().map_or_else(String::new, |it| excerpt(it));
                format!("{kind}{outcome}  {}{text}", words::record(link))
            }
            TimelineWhat::Note { link, text, .. } => {
                let text = text.as_ref().map_or_else(String::new, |it| excerpt(it));
                format!("{}{text}", words::record(link))
            }
            TimelineWhat::Task { link, state, due_on, .. } => {
                let due = due_on.as_ref().map_or_else(String::new, |due| format!(", due {due}"));
                format!("{} {}{due}", state.to_lowercase(), words::record(link))
            }
            TimelineWhat::Change { entry } | TimelineWhat::Decision { entry } => {
                let one = std::slice::from_ref(&**entry);
                out.push_str(&history::history(one, terminal, now));
                continue;
            }
        };
        let head = terminal.style(Style::Bold, &now.time(entry.at_ms));
        let note = if entry.pending { " (not sent yet)" } else { "" };
        let _ = writeln!(out, "{head}{note}\n  {what}");
    }
    if let Some(next) = &page.next {
        let _ = write!(out, "{} in all; for more: --after {next}", page.total);
    }
    out
}

fn excerpt(text: &str) -> String {
    format!("\n  {}", shortened(&one_line(text), 100))
}

/// Related records.
pub(crate) fn related(view: &RelatedView, terminal: &Terminal) -> String {
    if view.groups.is_empty() {
        return format!("nothing refers to {}", words::record(&view.link));
    }
    let mut out = String::new();
    for group in &view.groups {
        let (one, many) = (group.entity.name(), group.entity.plural());
        let total = count(group.total, &one.replace('_', " "), &many.replace('_', " "));
        let head = format!("{total} ({})", group.label);
        let _ = writeln!(out, "{}", terminal.style(Style::Bold, &head));
        for record in &group.records {
            let _ = writeln!(out, "  {} {}", short(&record.record), one_line(&record.title));
        }
        if group.total > group.records.len() as u64 {
            let _ =
                writeln!(out, "  all: roadbook list {} {}", group.entity.plural(), group.filter);
        }
    }
    out
}

/// Saved views.
pub(crate) fn views(views: &[SavedView], terminal: &Terminal) -> String {
    if views.is_empty() {
        return "no views are saved on this device".to_owned();
    }
    let header = [("NAME", Lean::Left), ("KIND", Lean::Left), ("SHOWS", Lean::Left)];
    let rows: Vec<Vec<String>> = views
        .iter()
        .map(|view| {
            let mut shows = view.filters.clone();
            if view.finished == Finished::Open {
                shows.push("--open".to_owned());
            }
            shows.extend(view.order.iter().map(|order| format!("--order {order}")));
            vec![view.name.clone(), view.entity.plural().replace('_', " "), shows.join(" ")]
        })
        .collect();
    table(&header, &rows, |text| terminal.style(Style::Bold, text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Color;
    use jiff::tz::TimeZone;
    use roadbook_api::ValueView;
    use roadbook_api::views::{ColumnView, NamedValue, NextBestView, RecordLink, TodayCounts};
    use roadbook_domain::{Entity, RecordId};

    fn link(title: &str, entity: Entity) -> RecordLink {
        RecordLink { record: RecordId::from_bytes([9; 16]), entity, title: title.into() }
    }

    fn money(text: &str) -> NamedValue {
        let value = ValueView::Money { minor: 0, currency: "EUR".into() };
        NamedValue { value, text: text.into() }
    }

    #[test]
    fn a_day_reads_as_a_colleague_would_say_it() {
        let view = TodayView {
            day: "2026-11-20".into(),
            as_of_ms: 0,
            agenda: vec![AgendaItemView {
                link: link("Send the offer", Entity::Task),
                kind: "task".into(),
                at_ms: None,
                ends_ms: None,
                due_on: None,
                days_late: 0,
                account: Some(link("Acme", Entity::Account)),
                about: None,
                priority: Some("High".into()),
                outcome: None,
                done: false,
                pending: false,
            }],
            overdue: vec![],
            next_best: vec![NextBestView {
                link: link("Renewal", Entity::Opportunity),
                account: None,
                stage: "Proposal".into(),
                amount: Some(money("12000 EUR")),
                disputed: true,
                close_date: None,
                reasons: vec![NextReason::NoActivity { days: 60 }, NextReason::NoNextStep],
            }],
            suggested: vec![],
            counts: TodayCounts {
                agenda: 1,
                open_deals: 4,
                without_next_step: 1,
                ..TodayCounts::default()
            },
        };
        let now = Now { wall_ms: 0, zone: TimeZone::UTC };
        assert_eq!(
            today(&view, &Terminal::new(false, Color::Never), &now),
            "2026-11-20: 0 of 1 done\n  - task Send the offer (high), Acme (09090909)\nNext\n  \
             opportunity Renewal (09090909), 12,000 EUR (disputed): nobody in touch for 60 days, \
             no next step\n4 open deals, 1 without a next step"
        );
    }

    #[test]
    fn a_board_says_what_a_column_adds_up_to_and_what_cards_lack() {
        let total = |text: &str, disputed| TotalView {
            field: "amount".into(),
            label: "Amount".into(),
            sums: vec![money(text)],
            disputed,
        };
        let view = BoardView {
            field: "stage".into(),
            label: "Stage".into(),
            as_of_ms: 0,
            columns: vec![ColumnView {
                state: "Proposal".into(),
                closed: false,
                probability_percent: Some(60),
                category: None,
                count: 3,
                total: Some(total("30000 EUR", 1)),
                weighted: Some(total("18000 EUR", 0)),
                needs: vec![],
                cards: vec![CardView {
                    link: link("Renewal", Entity::Opportunity),
                    account: Some(link("Acme", Entity::Account)),
                    owner: None,
                    amount: Some(money("12000 EUR")),
                    ends_on: None,
                    next_step: None,
                    since_ms: None,
                    days: Some(40),
                    missing: vec!["next_step".into()],
                    markers: vec![CardMarker::Stalled],
                    disputed: vec!["amount".into()],
                    pending: false,
                    updated_ms: 0,
                }],
                next: Some("1".into()),
            }],
            disputed: vec![],
        };
        assert_eq!(
            board(&view, &Terminal::new(false, Color::Never)),
            "Proposal  3  30,000 EUR (1 disputed)  18,000 EUR weighted\n  09090909 Renewal, Acme, \
             12,000 EUR (disputed), 40 days, stalled; lacks next_step\n  and 2 more: --column \
             \"Proposal\" --after 1\n"
        );
    }
}
