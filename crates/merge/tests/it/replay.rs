//! Replaying: the same intent at the same basis gives the same bytes wherever it is performed.

use roadbook_domain::{ChangeHash, Entity, Intent, Operation};
use roadbook_merge::Document;
use roadbook_merge::mutator::{Run, perform};

use crate::office::{ANA, BEN, MIA, Office, eur, stamp_of, text};
use crate::script;

/// Performs every part of a log on four kinds of receivers and compares the bytes.
#[test]
fn in_place_and_on_a_copy_give_the_same_bytes_however_much_the_receiver_holds() {
    let office = script::long(0x5eed);
    let schema = &office.server.schema;
    let (mut in_place, mut seeds) = (0, 0);
    for accepted in &office.log {
        let envelope = &accepted.sealed.envelope;
        for ((part, _), raw) in envelope.parts.iter().zip(&accepted.sealed.raw) {
            let stamp = stamp_of(&envelope.header, part);
            let everything = &office.server.documents[&part.document].1;
            let at_basis = everything.at(&part.basis).unwrap();
            let stored = Document::load(part.document, &at_basis.save()).unwrap();
            let receivers = [at_basis, stored, everything.clone()];
            for mut receiver in receivers {
                in_place += usize::from(receiver.heads() == part.basis);
                let performed = perform(
                    envelope.header.mutator_version,
                    schema,
                    &mut receiver,
                    part.entity,
                    &stamp,
                    &part.basis,
                    &part.operations,
                )
                .unwrap_or_else(|refusal| panic!("{refusal}: {part:?}"));
                assert_eq!(performed.change, part.change, "{part:?}");
                assert_eq!(performed.bytes, *raw, "{part:?}");
                assert!(receiver.has(part.change));
            }
            seeds += usize::from(has_seed(raw));
        }
    }
    let parts: usize = office.log.iter().map(|it| it.sealed.raw.len()).sum();
    assert!(in_place >= 2 * parts, "two receivers of three stood at the basis");
    assert!(seeds > 0, "the script makes fields that nobody had made");
}

/// A run keeps the copy that the last part was performed on: the same bytes as one by one.
#[test]
fn a_run_of_parts_gives_the_same_bytes_as_one_by_one() {
    let office = script::long(0xca11);
    let schema = &office.server.schema;
    for who in 1..=5 {
        let mut documents = office.server.documents.clone();
        let mut run = Run::new(1, schema);
        for accepted in &office.log {
            let envelope = &accepted.sealed.envelope;
            if envelope.header.device.as_bytes()[0] != who {
                continue;
            }
            for ((part, _), raw) in envelope.parts.iter().zip(&accepted.sealed.raw) {
                let stamp = stamp_of(&envelope.header, part);
                let (entity, document) = documents.get_mut(&part.document).unwrap();
                let performed =
                    run.perform(document, *entity, &stamp, &part.basis, &part.operations);
                assert_eq!(performed.unwrap().bytes, *raw, "{part:?}");
            }
        }
    }
}

/// Says whether a change travels with seeds: more than one chunk begins in its bytes.
fn has_seed(raw: &[u8]) -> bool {
    raw.windows(4).filter(|bytes| **bytes == [0x85, 0x6f, 0x4a, 0x83]).count() > 1
}

#[test]
fn a_basis_in_any_order_gives_the_same_bytes() {
    let mut office = Office::new(3);
    office.create(ANA, Entity::Opportunity, 1, &[("name", text("Pumps"))]);
    office.meet();
    office.set(ANA, 1, "next_step", text("a"));
    office.set(BEN, 1, "competitor", text("b"));
    office.meet();
    let sealed = office.set(MIA, 1, "loss_reason", text("c"));
    let (part, _) = &sealed.envelope.parts[0];
    assert_eq!(part.basis.len(), 2);
    let reversed: Vec<ChangeHash> = part.basis.iter().rev().copied().collect();
    let mut receiver = office.server.documents[&part.document].1.clone();
    let stamp = stamp_of(&sealed.envelope.header, part);
    let schema = &office.server.schema;
    let performed =
        perform(1, schema, &mut receiver, part.entity, &stamp, &reversed, &part.operations);
    assert_eq!(performed.unwrap().bytes, sealed.raw[0]);
}

#[test]
fn another_branch_epoch_or_device_is_another_change() {
    let mut office = Office::new(1);
    office.create(ANA, Entity::Opportunity, 1, &[("name", text("Pumps"))]);
    let sealed = office.set(ANA, 1, "amount", eur(5));
    let (part, _) = &sealed.envelope.parts[0];
    let schema = &office.server.schema;
    let here = &office.devices[ANA].replica.documents[&part.document].1;
    let at_basis = here.at(&part.basis).unwrap();
    let stamp = stamp_of(&sealed.envelope.header, part);
    let mut branch = stamp;
    branch.author.branch = 1;
    let mut epoch = stamp;
    epoch.author.install_epoch = 2;
    for other in [branch, epoch] {
        let mut document = at_basis.clone();
        let ops = &part.operations;
        let performed =
            perform(1, schema, &mut document, part.entity, &other, &part.basis, ops).unwrap();
        assert_ne!(performed.change, part.change);
        // Both stand side by side, as after a rollback that the server had half seen.
        document.apply(&sealed.raw[0]).unwrap();
        assert_eq!(document.heads().len(), 2);
    }
}

#[test]
fn what_a_lie_would_change_changes_the_hash() {
    let mut office = Office::new(1);
    office.create(ANA, Entity::Opportunity, 1, &[("name", text("Pumps"))]);
    let intent = office.setting(ANA, 1, "amount", eur(5));
    let sealed = office.act(ANA, &intent);
    let (part, _) = &sealed.envelope.parts[0];
    let Intent::EditFields { edits, .. } = intent else { panic!("an edit") };
    let mut lie = edits[0].clone();
    lie.to = eur(500);
    let here = &office.devices[ANA].replica.documents[&part.document].1;
    let stamp = stamp_of(&sealed.envelope.header, part);
    let schema = &office.server.schema;
    let lie = [Operation::Edit(lie)];
    let mut apart = here.at(&part.basis).unwrap();
    let performed = perform(1, schema, &mut apart, part.entity, &stamp, &part.basis, &lie);
    assert_ne!(performed.unwrap().change, part.change);
    let mut beside = here.clone();
    let refusal = perform(1, schema, &mut beside, part.entity, &stamp, &part.basis, &lie);
    assert_eq!(refusal.unwrap_err().code(), "bad_document", "two changes of one number");
    assert_eq!(beside.save(), here.save());
}
