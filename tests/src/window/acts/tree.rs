//! What a screen reader gets of the main journeys: roles, names, and where the focus is.

use anyhow::{Context as _, ensure};

use super::super::Stage;
use super::super::driver::{Window, until};
use super::super::person::{self, Rep};
use super::super::tree::{Node, Reader};
use crate::story::Tell;
use crate::story::check;
use crate::story::programs::{list, text};

/// WebDriver's keys (W3C WebDriver, 17.4.2).
const TAB: &str = "\u{E004}";
const ESCAPE: &str = "\u{E00C}";

/// Plays it.
pub(crate) fn play(stage: &Stage<'_>, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("The window as a screen reader gets it");
    let company = stage.company;
    let deal = person::deal(stage, "Reader")?;
    let rep = Rep::new(stage)?;
    let window = rep.open(stage)?;
    let reader = Reader::on(stage.desktop)?;
    setting_up(stage, &window, &reader, tell)?;
    person::enrol(&window, &rep.relay, "mia")?;
    the_day(stage, &window, &reader, tell)?;
    logging(stage, &window, &reader, tell)?;
    moving(stage, &window, &reader, tell)?;
    waiting(stage, &rep, &window, &reader, tell)?;
    for (device, amount) in [(&company.ben, "amount=12000EUR"), (&company.ana, "amount=14000EUR")] {
        device.sync()?;
        device.ask(&["set", "opportunity", &deal, amount])?;
    }
    for device in [&company.ben, &company.ana] {
        device.sync()?;
    }
    deciding(stage, &window, &reader, tell)?;
    decided(stage, &window, &deal, tell)?;
    window.close()
}

/// Reads the tree until it holds something: it follows the page a moment later.
fn read(
    reader: &Reader,
    window: &Window,
    what: &str,
    holds: impl Fn(&Node) -> bool,
) -> anyhow::Result<Node> {
    let mut tree = Node::default();
    let found = until(what, || match reader.tree(window.pid()) {
        Ok(now) => {
            tree = now;
            holds(&tree)
        }
        Err(_) => false,
    });
    found.with_context(|| format!("the tree:\n{}", tree.outline()))?;
    Ok(tree)
}

fn setting_up(
    stage: &Stage<'_>,
    window: &Window,
    reader: &Reader,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    let tree = read(reader, window, "the tree has the form", |tree| {
        tree.find("heading", "Set up this device").is_some()
    })?;
    stage.pictures.write("tree-set-up", &tree.outline())?;
    let nameless = tree.nameless();
    let is_field = |node: &&Node| node.role == "entry" || node.role == "password";
    let fields = tree.all().into_iter().filter(is_field);
    let what = format!("setting up: every field and button has a name {nameless:?}");
    check::holds(tell, &what, fields.count() >= 4 && nameless.is_empty())
}

/// A deal goes on by a key; the tree has it in its new column, and the focus with it.
fn moving(
    stage: &Stage<'_>,
    window: &Window,
    reader: &Reader,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    window.press("Pipeline")?;
    window.wait(
        "the deal is on the board and has the focus",
        "(() => { const all = [...document.querySelectorAll('.card-name')]; \
         const card = all.find((it) => it.innerText.includes('Reader renewal')); \
         card?.focus(); return card !== undefined && document.activeElement === card; })()",
    )?;
    let tree = read(reader, window, "a card has the focus", |tree| {
        tree.find("panel", "Deals by stage").and_then(Node::focused).is_some()
    })?;
    stage.pictures.write("tree-board", &tree.outline())?;
    let board = tree.get("panel", "Deals by stage")?;
    let name = board.focused().map(|card| card.name.clone()).context("a card has the focus")?;
    let columns = || board.all().into_iter().filter(|node| node.role == "landmark");
    let of = |at: &str| columns().find(|column| column.name.starts_with(at)).map(Node::focused);
    let what = "each stage is a region, and the card with the focus is in one";
    check::holds(tell, what, of("Proposal,").flatten().is_some())?;
    window.keys(&["]"])?;
    let tree = read(reader, window, "the card is in the next column", |tree| {
        let columns = tree.all().into_iter().filter(|node| node.role == "landmark");
        let mut next = columns.filter(|node| node.name.starts_with("Negotiation,"));
        next.any(|column| column.focused().is_some_and(|card| card.name == name))
    })?;
    let what = "moved by a key, it is in the next one, and the focus has gone with it";
    check::holds(tell, what, tree.focused().is_some())
}

/// What waits is told in the queue.
fn waiting(
    stage: &Stage<'_>,
    rep: &Rep,
    window: &Window,
    reader: &Reader,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    person::send_now(window)?;
    rep.relay.cut();
    window.press("Pipeline")?;
    window.wait(
        "the deal is on the board and has the focus",
        "(() => { const all = [...document.querySelectorAll('.card-name')]; \
         const card = all.find((it) => it.innerText.includes('Reader renewal')); \
         card?.focus(); return card !== undefined && document.activeElement === card; })()",
    )?;
    window.keys(&["["])?;
    window.says("moved to Proposal")?;
    window.press_on(".rail .strip")?;
    let tree = read(reader, window, "the tree has the queue", |tree| {
        tree.find("heading", "Queue").is_some() && tree.find("button", "Send now").is_some()
    })?;
    stage.pictures.write("tree-queue", &tree.outline())?;
    let nameless = tree.nameless();
    let what = format!("offline, the queue has a heading, a way to send, and names {nameless:?}");
    check::holds(tell, &what, nameless.is_empty())?;
    rep.relay.open();
    person::send_now(window)?;
    window.press("Today")
}

fn the_day(
    stage: &Stage<'_>,
    window: &Window,
    reader: &Reader,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    let tree = read(reader, window, "the tree has the day", |tree| {
        tree.find("heading", "Today").is_some() && tree.find("link", "Review").is_some()
    })?;
    stage.pictures.write("tree-today", &tree.outline())?;
    let rail = tree.get("landmark", "Main")?;
    let wanted =
        ["Today", "Pipeline", "Accounts", "Contacts", "Leads", "Quotes", "Tasks", "Forecast"];
    let links = rail.names("link");
    let what = "the rail is a landmark with a link for each place";
    check::holds(tell, what, wanted.iter().all(|name| links.contains(name)))?;
    let nameless = tree.nameless();
    check::holds(
        tell,
        &format!("everything that can be worked with has a name {nameless:?}"),
        nameless.is_empty(),
    )?;
    Ok(())
}

fn logging(
    stage: &Stage<'_>,
    window: &Window,
    reader: &Reader,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    window.press("Log a visit")?;
    let tree = read(reader, window, "the tree has the dialog", |tree| {
        tree.find("dialog", "Log it").is_some_and(|it| it.focused().is_some())
    })?;
    stage.pictures.write("tree-quick-log", &tree.outline())?;
    let dialog = tree.get("dialog", "Log it")?;
    let buttons = dialog.names("button");
    let outcomes = ["Met", "No one there", "Call back", "Order"];
    check::holds(
        tell,
        "quick log is a dialog with a button for each outcome",
        outcomes.iter().all(|name| buttons.contains(name)),
    )?;
    for _ in 0..buttons.len() + 6 {
        window.keys(&[TAB])?;
        // Between two elements nothing has the focus for a moment.
        let tree =
            read(reader, window, "something has the focus", |tree| tree.focused().is_some())?;
        let inside = tree.find("dialog", "Log it").and_then(Node::focused);
        ensure!(inside.is_some(), "Tab left the dialog:\n{}", tree.outline());
    }
    tell.fact("Tab goes round inside the dialog");
    window.keys(&[ESCAPE])?;
    let tree = read(reader, window, "the dialog is gone", |tree| {
        tree.find("dialog", "Log it").is_none() && tree.focused().is_some()
    })?;
    let back = tree.focused().map(|node| node.name.clone());
    let what = "Escape closes it, and the focus is back on the button that opened it";
    check::holds(tell, what, back.is_some_and(|name| name.starts_with("Log a visit")))
}

fn deciding(
    stage: &Stage<'_>,
    window: &Window,
    reader: &Reader,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    person::send_now(window)?;
    window.press("Review")?;
    window.says("Reader renewal")?;
    window.press_on(".inbox-line")?;
    let tree = read(reader, window, "the tree has the conflict", |tree| {
        tree.find("form", "Result").is_some()
    })?;
    stage.pictures.write("tree-conflict", &tree.outline())?;
    let sides: Vec<&Node> =
        tree.all().into_iter().filter(|node| node.role == "toggle button").collect();
    check::equal(tell, "each side of a conflict is a button that can be down", &sides.len(), &2)?;
    let who = ["Ben", "Ana"].map(|who| sides.iter().any(|side| side.name.contains(who)));
    check::equal(tell, "and says whose it is", &who, &[true, true])?;
    window.press_on(".value-side")?;
    let tree = read(reader, window, "a side is down", |tree| {
        tree.all()
            .into_iter()
            .filter(|node| node.role == "toggle button" && node.is_chosen())
            .count()
            == 1
    })?;
    tree.get("button", "Decide Enter").or_else(|_| tree.get("button", "Decide"))?;
    tell.fact("what is taken is told as pressed, and the decision has a button");
    Ok(())
}

/// Presses Decide, and looks at what became of it in the window and on a rep's device.
fn decided(
    stage: &Stage<'_>,
    window: &Window,
    deal: &str,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    let taken = window.text(".value-side[aria-pressed=true] .value-text")?;
    window.press("Decide")?;
    window.says("Decided: Amount of Reader renewal")?;
    stage.pictures.keep("conflict-decided-in-window", &window.picture()?)?;
    person::send_now(window)?;
    person::visit(window, deal)?;
    window.wait(
        "the record is no longer disputed",
        "document.querySelector('.record') && !document.querySelector('.record .inline-disputed')",
    )?;
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let ben = &stage.company.ben;
    ben.sync()?;
    let shown = ben.ask(&["show", "opportunity", deal])?;
    let amount = text(&shown, "/fields/amount/text")?;
    check::equal(
        tell,
        &format!("the manager took {taken} in the window, and Ben's device shows it"),
        &digits(amount),
        &digits(&taken),
    )?;
    let open = ben.ask(&["conflicts"])?;
    let still = list(&open, "")?.iter().any(|it| text(it, "/record").is_ok_and(|id| id == deal));
    check::holds(tell, "and nothing of it is left to settle", !still)
}
