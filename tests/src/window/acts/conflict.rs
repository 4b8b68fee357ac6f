//! The rep in the window and a colleague set an amount differently, each without a network; the
//! manager decides, and the window shows the result by itself.

use super::super::Stage;
use super::super::driver::{Opening, Window, until};
use super::super::person::{self, Rep};
use crate::story::Tell;
use crate::story::check;
use crate::story::programs::text;

/// Plays it.
pub(crate) fn play(stage: &Stage<'_>, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("In the window: an amount that two set differently, and the manager's decision");
    let company = stage.company;
    let deal = person::deal(stage, "Window Yard")?;
    company.ana.sync()?;
    let rep = Rep::new(stage)?;
    let window = rep.open(stage)?;
    person::enrol(&window, &rep.relay, "ben")?;
    person::is_up_to_date(&window)?;
    person::visit(&window, &deal)?;
    rep.relay.cut();
    set_amount(&window, "14000 EUR")?;
    tell.deed("Ben set 14,000 EUR in the window, offline");
    stage.pictures.keep("10-record-offline", &window.picture()?)?;
    company.ana.ask(&["set", "opportunity", &deal, "amount=12000EUR"])?;
    company.ana.sync()?;
    rep.relay.open();
    person::send_now(&window)?;
    person::visit(&window, &deal)?;
    window.wait("the amount is disputed", "document.querySelector('.record .inline-disputed')")?;
    tell.fact("back on the network, the window shows the amount as disputed");
    stage.pictures.keep("11-record-disputed", &window.picture()?)?;

    // The person looks at something else, which lies in front: only then is a note shown.
    let elsewhere = stage.folder.join("elsewhere");
    let opening =
        Opening { programs: stage.programs, device: &elsewhere, passphrase: None, address: None };
    let other = Window::open(stage.desktop, &opening)?;
    other.says("Set up this device")?;
    company.mia.sync()?;
    drop(stage.desktop.notices());
    company.mia.ask(&["resolve", &deal, "--take", "1", "--why", "that is what they signed"])?;
    company.mia.sync()?;
    let decided = company.mia.ask(&["show", "opportunity", &deal])?;
    let amount = text(&decided, "/fields/amount/text")?;
    window.wait(
        "the window shows the decision by itself",
        "document.querySelector('.record') && !document.querySelector('.record .inline-disputed')",
    )?;
    let digits: String = amount.chars().filter(char::is_ascii_digit).collect();
    let shown = window.text(".record")?.replace([',', '.', '\u{202f}', '\u{a0}'], "");
    check::holds(
        tell,
        &format!("and it shows {amount}, nobody touched it"),
        shown.contains(&digits),
    )?;
    stage.pictures.keep("12-record-decided", &window.picture()?)?;
    let mut notices = Vec::new();
    until("the desktop is told", || {
        notices.extend(stage.desktop.notices());
        !notices.is_empty()
    })?;
    let wanted = vec!["roadbook-window|Roadbook|A conflict was decided.".to_owned()];
    check::equal(tell, "the desktop is told that, and no name or amount", &notices, &wanted)?;
    other.close()?;
    window.close()
}

fn set_amount(window: &Window, amount: &str) -> anyhow::Result<()> {
    window.press_on(".record button.inline-value[aria-label$='edit Amount']")?;
    window.fill(".record input[aria-label='Amount']", amount)?;
    window.keys(&[person::ENTER])?;
    window.wait(
        "the amount is saved",
        "!document.querySelector(\".record input[aria-label='Amount']\") \
         && document.querySelector('.record .inline-saved, .record .inline-sending')",
    )?;
    Ok(())
}
