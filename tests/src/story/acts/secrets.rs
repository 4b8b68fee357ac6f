//! Nobody has what is not theirs: proved by a scan that finds what is planted.

use std::path::Path;

use super::super::check;
use super::super::programs::{Device, PASSPHRASE, number};
use super::super::scan::{Clear, Place, Where, plant};
use super::super::tell::Tell;
use super::company::Company;

/// Stands in every confidential facet.
pub(crate) const CONFIDENTIAL: &str = "qzsaffron7731";
/// Stands in every record of the north.
pub(crate) const NORTHERN: &str = "xjfjordwind9902";
/// Stands in the account that changes its territory.
pub(crate) const MOVING: &str = "vkmooring4415";
/// Planted, so that the scan must find it.
const CANARY: &str = "wyellowbird6628";

/// Everything of a device.
pub(crate) fn everything(device: &Device) -> Where {
    Where {
        folder: device.folder.clone(),
        temporary: device.temporary.clone(),
        logs: vec![device.log()],
        answers: device.relay.received(),
    }
}

/// The scan finds a canary in every place.
pub(crate) fn scan_finds_what_is_planted(
    company: &Company,
    folder: &Path,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    tell.step("The scan must first find a canary that is planted in every place");
    let at = everything(&company.ben);
    let before = Clear::read(&at, PASSPHRASE)?;
    check::holds(tell, "the canary is nowhere yet", before.find(CANARY).is_empty())?;
    let planted = plant(&at, &folder.join("planted"), PASSPHRASE, CANARY)?;
    let found = Clear::read(&planted, PASSPHRASE)?.find(CANARY);
    for place in Place::PLANTED {
        check::holds(tell, &format!("found in the {}", place.name()), found.contains(&place))?;
    }
    Ok(())
}

/// What was sent and stored, against who may have it.
pub(crate) fn nobody_has_what_is_not_theirs(
    company: &Company,
    tell: &mut dyn Tell,
) -> anyhow::Result<()> {
    tell.step("Nobody has what is not theirs: devices, logs, temporary files and answers scanned");
    let Company { server, ben, ana, sam, .. } = company;
    sam.sync()?;
    for kind in ["accounts", "opportunities", "notes", "activities"] {
        let page = sam.ask(&["list", kind])?;
        check::equal(tell, &format!("Sam has no {kind}"), &number(&page, "/total")?, &0)?;
    }
    let scan = |device: &Device| Clear::read(&everything(device), PASSPHRASE);
    let (of_ana, of_ben, of_sam) = (scan(ana)?, scan(ben)?, scan(sam)?);
    let places = of_ana.find(CONFIDENTIAL);
    let there = [Place::Tables, Place::Documents, Place::Pages, Place::Answers];
    let all = there.iter().all(|place| places.contains(place));
    check::holds(tell, "the confidential text is on Ana's device, who may see it", all)?;
    let places = of_ben.find(NORTHERN);
    let found = [Place::Tables, Place::SearchTables, Place::Pages, Place::Answers]
        .iter()
        .all(|place| places.contains(place));
    check::holds(tell, "the north's text is on Ben's device, in his search index too", found)?;
    let nowhere = |clear: &Clear, text: &str| clear.find(text).is_empty();
    let what = format!("the confidential text is nowhere on Ben's, in {} bytes", of_ben.len());
    check::holds(tell, &what, nowhere(&of_ben, CONFIDENTIAL))?;
    for (name, text) in [("the confidential text", CONFIDENTIAL), ("the north's text", NORTHERN)] {
        let what = format!("{name} is nowhere on Sam's, in {} bytes", of_sam.len());
        check::holds(tell, &what, nowhere(&of_sam, text))?;
    }
    let log = std::fs::read_to_string(server.log())?;
    let silent = !log.contains(CONFIDENTIAL) && !log.contains(NORTHERN) && !log.is_empty();
    check::holds(tell, "the server's log holds no customer's data", silent)
}
