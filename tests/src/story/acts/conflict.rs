//! Two reps work offline on the same records, both are killed, both come back, a manager decides.

use std::collections::BTreeSet;

use anyhow::Context as _;
use roadbook_api::commands::writes::{AddNote, LogActivity, MoveRecord, SetFields, TagRecord};
use roadbook_api::views::WrittenView;
use roadbook_api::{Assignment, Command};
use serde_json::Value as Json;

use super::super::app::App;
use super::super::check;
use super::super::programs::{Device, exit, list, number, text};
use super::super::tell::Tell;
use super::company::Company;
use super::secrets;

/// Who comes online first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    BenFirst,
    AnaFirst,
}

/// The records of one telling.
struct Deal {
    account: String,
    opportunity: String,
}

/// Plays the act.
pub(crate) fn play(company: &Company, order: Order, tell: &mut dyn Tell) -> anyhow::Result<()> {
    let (name, first) = match order {
        Order::BenFirst => ("Acme", "Ben"),
        Order::AnaFirst => ("Borealis", "Ana"),
    };
    tell.step(&format!(
        "{name}: two reps work offline, are killed and restarted; {first} is back first"
    ));
    let deal = prepare(company, name)?;
    tell.deed(&format!("Mia made account {name} for the team, with a deal of 10,000 EUR"));
    let saved = work_offline(company, &deal, tell)?;
    all_is_there(company, &saved, tell)?;
    come_back(company, order, tell)?;
    everything_merged_but_the_amount(company, &deal, tell)?;

    tell.step(&format!("{name}: the manager sees both sides and takes one; everybody sees it"));
    decide(company, &deal, order, tell)
}

fn prepare(company: &Company, name: &str) -> anyhow::Result<Deal> {
    let Company { mia, .. } = company;
    let briefing = format!("briefing={} for {name}", secrets::CONFIDENTIAL);
    let description = format!("description={} of {name}", secrets::NORTHERN);
    let named = format!("name={name}");
    let account = mia.ask(&[
        "create",
        "account",
        &named,
        "team=Account team",
        "territory=North",
        &briefing,
        &description,
    ])?;
    let account = text(&account, "/record")?.to_owned();
    let of = format!("account={account}");
    let named = format!("name={name} renewal");
    let strategy = format!("strategy={} for the renewal", secrets::CONFIDENTIAL);
    let described = format!("description={} asks for it", secrets::NORTHERN);
    let opportunity = mia.ask(&[
        "create",
        "opportunity",
        &named,
        &of,
        "amount=10000EUR",
        "stage=Proposal",
        "next_step=send the offer",
        "tags=renewal",
        &strategy,
        &described,
    ])?;
    let opportunity = text(&opportunity, "/record")?.to_owned();
    for device in [mia, &company.ben, &company.ana] {
        device.sync()?;
    }
    Ok(Deal { account, opportunity })
}

/// What each saved while offline, by intent.
struct Saved {
    ben: BTreeSet<String>,
    ana: BTreeSet<String>,
}

fn work_offline(company: &Company, deal: &Deal, tell: &mut dyn Tell) -> anyhow::Result<Saved> {
    let Company { ben, ana, .. } = company;
    for device in [ben, ana] {
        device.relay.cut();
        let answer = device.run(&["sync"])?;
        let what = format!("{} is offline: sync says so and exits with 6", device.who);
        check::equal(tell, &what, &answer.code, &exit::UNREACHABLE)?;
    }
    let (at_account, at_deal) = (&*deal.account, &*deal.opportunity);
    let mut by_ben = Living::start(ben)?;
    by_ben.saves(&MoveRecord {
        entity: None,
        record: at_deal.to_owned(),
        to: "Negotiation".to_owned(),
        why: None,
    })?;
    by_ben.sets(at_deal, "amount", "14000EUR")?;
    let report = format!("They like it, says {}", secrets::NORTHERN);
    by_ben.saves(&LogActivity {
        kind: "visit".to_owned(),
        entity: None,
        record: at_account.to_owned(),
        assignments: vec![Assignment::set("outcome", "Met"), Assignment::set("report", report)],
        why: None,
    })?;
    let by_ben = by_ben.killed()?;
    tell.deed("Ben moved the deal to Negotiation, set 14,000 EUR and logged a visit");
    let mut by_ana = Living::start(ana)?;
    by_ana.sets(at_deal, "amount", "12000EUR")?;
    by_ana.sets(at_deal, "next_step", "call on Monday")?;
    by_ana.saves(&TagRecord {
        entity: None,
        record: at_deal.to_owned(),
        add: vec!["urgent".to_owned()],
        remove: Vec::new(),
    })?;
    by_ana.saves(&AddNote {
        entity: None,
        record: at_deal.to_owned(),
        text: format!("The budget is there\n{}", secrets::NORTHERN),
        title: None,
    })?;
    let strategy = format!("{} they will pay more", secrets::CONFIDENTIAL);
    by_ana.sets(at_deal, "strategy", &strategy)?;
    let by_ana = by_ana.killed()?;
    tell.deed("Ana set 12,000 EUR, the next step, a tag, a note and the confidential strategy");
    let refused = ben.run(&["set", "opportunity", at_deal, "margin=5%"])?;
    let what = "Ben's own device refuses him the confidential margin, with a remedy";
    check::equal(tell, what, &refused.code, &exit::REFUSED)?;
    Ok(Saved { ben: by_ben, ana: by_ana })
}

/// The app of a device that lives until it is killed, and the intents that it said it saved.
struct Living {
    app: App,
    saved: BTreeSet<String>,
}

impl Living {
    fn start(device: &Device) -> anyhow::Result<Self> {
        Ok(Self { app: App::start(device)?, saved: BTreeSet::new() })
    }

    fn saves<C: Command<Response = WrittenView>>(&mut self, command: &C) -> anyhow::Result<()> {
        let written = self.app.run(command)?;
        self.saved.insert(written.intent.to_string());
        Ok(())
    }

    fn sets(&mut self, record: &str, field: &str, value: &str) -> anyhow::Result<()> {
        self.saves(&SetFields {
            entity: None,
            record: record.to_owned(),
            assignments: vec![Assignment::set(field, value)],
            why: None,
        })
    }

    /// Kills the process that said "saved", at once; what it said it saved.
    fn killed(self) -> anyhow::Result<BTreeSet<String>> {
        self.app.kill()?;
        Ok(self.saved)
    }
}

fn all_is_there(company: &Company, saved: &Saved, tell: &mut dyn Tell) -> anyhow::Result<()> {
    let Company { ben, ana, .. } = company;
    for (device, saved) in [(ben, &saved.ben), (ana, &saved.ana)] {
        let what = format!(
            "{}'s app was killed with kill -9 right after it said \"saved\": all {} intents are \
             there",
            device.who,
            saved.len()
        );
        check::equal(tell, &what, &waiting(device)?, saved)?;
    }
    Ok(())
}

/// The intents that wait on a device.
fn waiting(device: &Device) -> anyhow::Result<BTreeSet<String>> {
    let queue = device.ask(&["pending"])?;
    let pending = list(&queue, "/pending")?.iter();
    pending.map(|item| Ok(text(item, "/intent")?.to_owned())).collect()
}

fn come_back(company: &Company, order: Order, tell: &mut dyn Tell) -> anyhow::Result<()> {
    let Company { ben, ana, mia, .. } = company;
    let (first, second) = match order {
        Order::BenFirst => (ben, ana),
        Order::AnaFirst => (ana, ben),
    };
    // The first is killed once more while the server's answer is on its way: the server has the
    // work, the device does not know.
    let before = waiting(first)?;
    first.relay.hold();
    let watching = first.watch()?;
    first.relay.wait_for_held()?;
    watching.kill()?;
    first.relay.cut();
    let what = format!("{} is killed while the answer is on its way: nothing is lost", first.who);
    check::equal(tell, &what, &waiting(first)?, &before)?;
    for device in [first, second] {
        device.relay.open();
        let report = device.sync()?;
        let sent = number(&report, "/sent")?;
        let verdicts = list(&report, "/verdicts")?.iter().map(|word| text(word, "/verdict"));
        let verdicts: BTreeSet<&str> = verdicts.collect::<anyhow::Result<_>>()?;
        tell.deed(&format!("{} is online: {sent} sent, the server says {verdicts:?}", device.who));
    }
    first.sync()?;
    mia.sync()?;
    for device in [ben, ana, mia] {
        let status = device.ask(&["status"])?;
        let left = (
            number(&status, "/pending")?,
            number(&status, "/held")?,
            number(&status, "/needs_you")?,
        );
        check::equal(tell, &format!("nothing of {} waits", device.who), &left, &(0, 0, 0))?;
    }
    Ok(())
}

fn everything_merged_but_the_amount(
    company: &Company,
    deal: &Deal,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    let Company { ben, ana, mia, .. } = company;
    let mut conflicts = Vec::new();
    for device in [ben, ana, mia] {
        let who = device.who;
        let record = device.ask(&["show", "opportunity", &deal.opportunity])?;
        let field = |name: &str| text(&record, &format!("/fields/{name}/text")).map(str::to_owned);
        let merged = [field("stage")?, field("next_step")?, field("tags")?];
        let wanted = ["Negotiation", "call on Monday", "renewal, urgent"].map(str::to_owned);
        let what = format!("{who} sees stage, next step and tags of both");
        check::equal(tell, &what, &merged, &wanted)?;
        let account = device.ask(&["show", "account", &deal.account])?;
        let visits = number(&account, "/fields/visits/value/number")?;
        check::equal(tell, &format!("{who} sees the visit, counted once"), &visits, &1)?;
        let about = format!("about={}", deal.opportunity);
        let notes = device.ask(&["list", "notes", &about])?;
        let title = text(&notes, "/records/0/title")?;
        check::equal(tell, &format!("{who} has Ana's note"), &title, &"The budget is there")?;
        let disputed = record.pointer("/fields/amount/disputed").and_then(Json::as_bool);
        check::equal(tell, &format!("{who} sees the amount disputed"), &disputed, &Some(true))?;
        let open = device.ask(&["conflicts", &deal.opportunity])?;
        conflicts.push((list(&open, "")?.len(), essence(&open)?));
    }
    check::equal(tell, "it is the only conflict", &conflicts[0].0, &1)?;
    let same = conflicts.iter().all(|conflict| *conflict == conflicts[0]);
    check::holds(tell, "the conflict is the same on all devices", same)?;
    let strategy = |device: &Device| {
        let record = device.ask(&["show", "opportunity", &deal.opportunity])?;
        let strategy = record.pointer("/fields/strategy/text").and_then(Json::as_str);
        Ok::<_, anyhow::Error>(strategy.is_some_and(|text| text.contains("they will pay more")))
    };
    check::holds(tell, "Mia has the confidential strategy", strategy(mia)?)?;
    check::holds(tell, "Ben does not", !strategy(ben)?)
}

/// A conflict without what a device may know better of itself.
fn essence(conflicts: &Json) -> anyhow::Result<Vec<String>> {
    let conflict = &list(conflicts, "")?[0];
    let mut out =
        vec![text(conflict, "/conflict")?.to_owned(), text(conflict, "/base/text")?.to_owned()];
    for side in list(conflict, "/sides")? {
        out.push(text(side, "/text")?.to_owned());
        out.push(text(side, "/made_by/who")?.to_owned());
        out.push(text(side, "/made_by/device")?.to_owned());
        out.push(number(side, "/made_by/at_ms")?.to_string());
    }
    Ok(out)
}

/// When a device's own change of the amount was made, as that device remembers it.
fn when_it_was_set(device: &Device, deal: &Deal) -> anyhow::Result<i64> {
    let history =
        device.ask(&["history", "opportunity", &deal.opportunity, "--field", "amount"])?;
    let own = list(&history, "")?
        .iter()
        .find(|entry| text(entry, "/made_by/device").is_ok_and(|id| id == device.id));
    number(own.context("the device remembers its own change")?, "/made_by/at_ms")
}

fn decide(company: &Company, deal: &Deal, order: Order, tell: &mut dyn Tell) -> anyhow::Result<()> {
    let Company { ben, ana, mia, .. } = company;
    let open = mia.ask(&["conflicts", &deal.opportunity])?;
    let conflict = &list(&open, "")?[0];
    let base = text(conflict, "/base/text")?;
    check::equal(tell, "Mia sees the amount before: 10000 EUR", &base, &"10000 EUR")?;
    let mut sides = Vec::new();
    for side in list(conflict, "/sides")? {
        let who = text(side, "/made_by/who")?;
        let device = text(side, "/made_by/device_name")?;
        let at_ms = number(side, "/made_by/at_ms")?;
        let what = text(side, "/text")?;
        let at = jiff::Timestamp::from_millisecond(at_ms)?.strftime("%H:%M:%S UTC");
        let number = number(side, "/side")?;
        tell.deed(&format!("side {number}: {who} set {what} at {at} on {device}"));
        sides.push((who.to_owned(), what.to_owned(), device.to_owned(), at_ms));
    }
    let owned = |who: &str, what: &str, device: &Device| {
        let at_ms = when_it_was_set(device, deal)?;
        Ok::<_, anyhow::Error>((who.to_owned(), what.to_owned(), device.name.clone(), at_ms))
    };
    let wanted = vec![owned("Ben Berg", "14000 EUR", ben)?, owned("Ana Silva", "12000 EUR", ana)?];
    check::equal(tell, "both sides are there: who, what, when, on which device", &sides, &wanted)?;
    let stake = text(conflict, "/stake/text")?;
    check::equal(tell, "2000 EUR are at stake", &stake, &"2000 EUR")?;

    let rep = ben.run(&["resolve", &deal.opportunity, "--take", "1"])?;
    check::equal(tell, "Ben may not decide it himself", &rep.code, &exit::REFUSED)?;
    let (side, amount) = match order {
        Order::BenFirst => ("1", "14000 EUR"),
        Order::AnaFirst => ("2", "12000 EUR"),
    };
    mia.ask(&["resolve", &deal.opportunity, "--take", side, "--why", "that is what they signed"])?;
    for device in [mia, ben, ana] {
        device.sync()?;
        let record = device.ask(&["show", "opportunity", &deal.opportunity])?;
        let now = (
            text(&record, "/fields/amount/text")?,
            record.pointer("/fields/amount/disputed").and_then(Json::as_bool),
        );
        let what = format!("{} sees {amount}, no longer disputed", device.who);
        check::equal(tell, &what, &now, &(amount, Some(false)))?;
        let history =
            device.ask(&["history", "opportunity", &deal.opportunity, "--field", "amount"])?;
        let newest = &list(&history, "")?[0];
        let decided = (
            text(newest, "/kind")?,
            text(newest, "/made_by/who")?,
            text(newest, "/made_by/rationale")?,
        );
        let wanted = ("resolve_conflict", "Mia Meyer", "that is what they signed");
        let what = format!("{}'s history says who decided, and why", device.who);
        check::equal(tell, &what, &decided, &wanted)?;
    }
    for device in [ben, ana, mia] {
        let doctor = device.ask(&["doctor"])?;
        let equal = doctor.pointer("/equal").and_then(Json::as_bool);
        let what =
            format!("{}'s doctor: the device holds exactly what the server says", device.who);
        check::equal(tell, &what, &equal, &Some(true))?;
    }
    Ok(())
}
