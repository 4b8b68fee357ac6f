//! A device that skips its check sends what its user may not write.

use serde_json::Value as Json;

use super::super::programs::{PASSPHRASE, exit, list, text};
use super::super::tell::Tell;
use super::super::{check, unchecked};
use super::company::Company;
use roadbook_domain::Value;

/// Plays the act.
pub(crate) fn play(company: &Company, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("A tampered device asks for what its user may not have");
    let Company { ana, ben, .. } = company;
    let users = ana.ask(&["list", "users", "name=Ana Silva"])?;
    let me = text(&users, "/records/0/record")?.to_owned();
    let deal = ana.ask(&["show", "opportunity", "Acme renewal"])?;
    let deal = text(&deal, "/record")?.to_owned();
    let owner = format!("owner={me}");
    let honest = ana.run(&["set", "opportunity", &deal, &owner])?;
    check::equal(tell, "an honest device refuses to save it", &honest.code, &exit::REFUSED)?;

    let to = Value::Reference(me.parse()?);
    let intent = unchecked::edit(&ana.folder, PASSPHRASE, deal.parse()?, "owner", to)?;
    tell.deed("a program of the tests saved it past the check on Ana's device");
    let later = ana.ask(&["tag", "opportunity", &deal, "later"])?;
    let later = text(&later, "/intent")?.to_owned();
    let report = ana.run(&["sync"])?;
    check::equal(tell, "sync exits with 5: it needs Ana", &report.code, &exit::NEEDS_YOU)?;

    let queue = ana.ask(&["pending"])?;
    let drawer = list(&queue, "/needs_you")?;
    check::equal(tell, "one intent came back", &drawer.len(), &1)?;
    let back = &drawer[0];
    let same = text(back, "/intent")? == intent.to_string();
    check::holds(tell, "it is that one, with its words intact", same && wants_owner(back))?;
    let (reason, remedy) = (text(back, "/reason")?, text(back, "/remedy")?);
    tell.deed(&format!("reason: {reason}"));
    tell.deed(&format!("remedy: {remedy}"));
    check::holds(tell, "it says why and what to do", !reason.is_empty() && !remedy.is_empty())?;
    check::equal(tell, "nothing else waits", &list(&queue, "/pending")?.len(), &0)?;

    let history = ana.ask(&["history", "opportunity", &deal])?;
    let accepted = |entry: &Json| {
        text(entry, "/intent").is_ok_and(|intent| intent == later)
            && entry.pointer("/accepted").and_then(Json::as_bool) == Some(true)
    };
    let taken = list(&history, "")?.iter().any(accepted);
    check::holds(tell, "Ana's later work on the same record was taken in", taken)?;
    ben.sync()?;
    let seen = ben.ask(&["show", "opportunity", &deal])?;
    let tags = text(&seen, "/fields/tags/text")?;
    check::holds(tell, "Ben sees it", tags.split(", ").any(|tag| tag == "later"))?;
    let owner = text(&seen, "/fields/owner/text")?;
    check::equal(tell, "the owner is who it was", &owner, &"Mia Meyer")?;
    ana.ask(&["pending", "discard", &intent.to_string()])?;
    let queue = ana.ask(&["pending"])?;
    check::equal(tell, "Ana gave it up", &list(&queue, "/needs_you")?.len(), &0)
}

fn wants_owner(item: &Json) -> bool {
    let changes = list(item, "/changes");
    changes.is_ok_and(|changes| {
        changes.iter().any(|change| text(change, "/field").is_ok_and(|field| field == "owner"))
    })
}
