//! Stories: two people, one record, and what the merge makes of it.

use roadbook_domain::schema::{Classification, FieldDef, MergeClass, ValueType};
use roadbook_domain::{Currency, Entity, Facet, FieldEdit, Intent, Money, Schema, Value};
use roadbook_merge::Rule;

use crate::office::{ANA, BEN, MIA, Office, eur, record, set, text};

const DEAL: u8 = 1;
const SHOP: u8 = 2;

/// Three devices that share one opportunity and one account.
fn office() -> Office {
    let mut office = Office::new(3);
    let fields = [("name", text("Pumps")), ("amount", eur(10_000)), ("tags", set(&["old"]))];
    office.create(ANA, Entity::Opportunity, DEAL, &fields);
    office.create(ANA, Entity::Account, SHOP, &[("name", text("Shop"))]);
    office.meet();
    office
}

#[test]
fn two_amounts_wait_for_a_person_who_sees_base_sides_and_stake() {
    let mut office = office();
    let ana = office.set(ANA, DEAL, "amount", eur(12_000)).envelope;
    let ben = office.set(BEN, DEAL, "amount", eur(9_000)).envelope;
    office.meet();

    let conflict = office.conflict(MIA, DEAL);
    assert_eq!(conflict.field, "amount");
    assert_eq!(conflict.facet, Facet::Internal);
    assert_eq!(conflict.base, eur(10_000));
    assert_eq!(conflict.rule, Rule::ReviewField);
    assert_eq!(conflict.stake, Some(Money::new(300_000, Currency::EUR)));
    let sides: Vec<_> = conflict.sides.iter().map(|side| (&side.value, &side.changes)).collect();
    let (ana, ben) = (ana.parts[0].0.change, ben.parts[0].0.change);
    assert_eq!(sides, [(&eur(12_000), &vec![ana]), (&eur(9_000), &vec![ben])]);
    let shown = &office.view(MIA, record(DEAL)).fields["amount"];
    assert!(shown.disputed);
    assert_eq!(shown.value, eur(9_000), "the later one is shown meanwhile");
    let weighted = &office.view(MIA, record(DEAL)).fields["weighted_amount"];
    assert!(weighted.disputed, "what is computed from a disputed value is disputed");

    let resolve = office.resolving(MIA, DEAL, eur(12_000));
    office.act(MIA, &resolve);
    office.meet();
    let view = office.view(BEN, record(DEAL));
    assert_eq!(view.conflicts, []);
    assert!(!view.fields["amount"].disputed);
    assert_eq!(*view.value("amount"), eur(12_000));
    assert_eq!(office.last_journal(), [("amount".to_owned(), "decided", eur(12_000))]);
}

#[test]
fn the_same_value_twice_is_no_conflict_until_a_third_differs() {
    let mut office = office();
    office.set(ANA, DEAL, "amount", eur(12_000));
    office.set(BEN, DEAL, "amount", eur(12_000));
    let mia = office.setting(MIA, DEAL, "amount", eur(11_000));
    office.act(MIA, &mia);
    office.push(ANA);
    office.push(BEN);
    let agreed = office.server.view(record(DEAL));
    assert_eq!(agreed.conflicts, []);
    assert_eq!(*agreed.value("amount"), eur(12_000));
    assert_eq!(office.last_journal(), [], "nothing was settled");

    office.meet();
    let conflict = office.conflict(ANA, DEAL);
    let sides: Vec<_> = conflict.sides.iter().map(|it| (&it.value, it.changes.len())).collect();
    assert_eq!(sides, [(&eur(12_000), 2), (&eur(11_000), 1)], "who agree are one side");
    assert_eq!(conflict.side_changes().len(), 3, "a resolution names all three changes");
}

#[test]
fn a_late_edit_reopens_what_a_person_decided() {
    let mut office = office();
    office.set(ANA, DEAL, "amount", eur(12_000));
    office.set(BEN, DEAL, "amount", eur(9_000));
    office.set(MIA, DEAL, "amount", eur(8_000));
    for who in [ANA, BEN] {
        office.push(who);
        office.pull(who, usize::MAX);
    }
    office.pull(ANA, usize::MAX);
    let resolve = office.resolving(ANA, DEAL, eur(12_000));
    office.act(ANA, &resolve);
    office.meet();
    let conflict = office.conflict(BEN, DEAL);
    let values: Vec<_> = conflict.sides.iter().map(|side| side.value.clone()).collect();
    assert_eq!(values, [eur(8_000), eur(12_000)], "the sides that were settled are gone");
    assert_eq!(conflict.base, eur(10_000));
}

#[test]
fn two_managers_who_decide_differently_are_asked_again() {
    for (ana, ben) in [(12_000, 9_000), (9_000, 12_000)] {
        let mut office = office();
        office.set(ANA, DEAL, "amount", eur(12_000));
        office.set(BEN, DEAL, "amount", eur(9_000));
        office.meet();
        for (who, choice) in [(ANA, ana), (BEN, ben)] {
            let resolve = office.resolving(who, DEAL, eur(choice));
            office.act(who, &resolve);
        }
        office.meet();
        let conflict = office.conflict(MIA, DEAL);
        let values: Vec<_> = conflict.sides.iter().map(|side| side.value.clone()).collect();
        assert_eq!(values, [eur(ana), eur(ben)], "neither decision is lost");
    }
}

#[test]
fn writing_what_one_survivor_says_already_counts_from_now() {
    for (first, second) in [(ANA, BEN), (BEN, ANA)] {
        let mut office = office();
        office.set(first, DEAL, "next_step", text("one"));
        office.set(second, DEAL, "next_step", text("two"));
        office.meet();
        office.set(first, DEAL, "next_step", text("early"));
        office.set(MIA, DEAL, "next_step", text("one"));
        office.meet();
        let view = office.view(second, record(DEAL));
        assert_eq!(*view.value("next_step"), text("one"), "the latest word, though said before");
    }
}

#[test]
fn amounts_of_two_currencies_have_no_stake() {
    let mut office = office();
    office.set(ANA, DEAL, "amount", Value::Money(Money::new(5, Currency::EUR)));
    office.set(BEN, DEAL, "amount", Value::Money("5USD".parse().unwrap()));
    office.meet();
    assert_eq!(office.conflict(ANA, DEAL).stake, None);
}

#[test]
fn two_moves_forward_join_at_the_farther_whoever_was_later() {
    for (first, second) in [("Qualification", "Proposal"), ("Proposal", "Qualification")] {
        let mut office = office();
        office.move_to(ANA, DEAL, first);
        office.move_to(BEN, DEAL, second);
        office.meet();
        let view = office.view(ANA, record(DEAL));
        assert_eq!(*view.value("stage"), text("Proposal"));
        assert_eq!(view.conflicts, []);
        let joined = ("stage".to_owned(), "moves_joined", text("Proposal"));
        assert_eq!(office.last_journal(), [joined]);
        let Value::Log(history) = view.value("stage_history") else { panic!("a log") };
        let moves: Vec<_> = history.iter().map(|entry| entry.text.as_str()).collect();
        assert_eq!(moves, [first, second], "both moves stay in the history");
    }
}

#[test]
fn a_contested_stage_goes_to_a_person() {
    let contested = [
        ("Prospecting", "Proposal", "Negotiation", "a side in Commit"),
        ("Negotiation", "Closed won", "Closed lost", "the base in Commit"),
        ("Proposal", "Qualification", "Needs analysis", "backwards"),
    ];
    for (base, one, other, why) in contested {
        let mut office = office();
        if base != "Prospecting" {
            office.move_to(ANA, DEAL, base);
            office.meet();
        }
        office.move_to(ANA, DEAL, one);
        office.move_to(BEN, DEAL, other);
        office.meet();
        let conflict = office.conflict(MIA, DEAL);
        assert_eq!(conflict.rule, Rule::NoLegalJoin, "{why}");
        assert_eq!(conflict.base, text(base), "{why}");
        assert_eq!(conflict.stake, None, "a stage is not money");
    }
}

#[test]
fn three_moves_join_only_if_one_went_farthest_whatever_their_order() {
    let moves = ["Working", "Nurturing", "Qualified"];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut office = Office::new(3);
        office.create(ANA, Entity::Lead, DEAL, &[("name", text("Lee"))]);
        office.meet();
        for (who, which) in order.into_iter().enumerate() {
            office.move_to(who, DEAL, moves[which]);
        }
        office.meet();
        let view = office.view(ANA, record(DEAL));
        assert_eq!(*view.value("status"), text("Qualified"), "{order:?}");
        assert_eq!(view.conflicts, [], "{order:?}");
    }
}

#[test]
fn moves_from_a_joined_stage_start_from_what_everybody_saw() {
    let mut office = office();
    office.move_to(ANA, DEAL, "Needs analysis");
    office.move_to(BEN, DEAL, "Qualification");
    office.meet();
    assert_eq!(*office.view(MIA, record(DEAL)).value("stage"), text("Needs analysis"));
    office.move_to(ANA, DEAL, "Qualification");
    office.move_to(BEN, DEAL, "Proposal");
    office.meet();
    let conflict = office.conflict(MIA, DEAL);
    assert_eq!(conflict.base, text("Needs analysis"), "the join, not either side of it");
    assert_eq!(conflict.sides.len(), 2, "one of them went backwards from there");
}

#[test]
fn of_two_preferences_the_later_is_kept_and_the_other_journalled() {
    let mut office = office();
    let early = office.set(ANA, DEAL, "next_step", text("call")).envelope.parts[0].0.change;
    office.set(BEN, DEAL, "next_step", text("visit"));
    office.push(BEN);
    office.meet();
    assert_eq!(*office.view(MIA, record(DEAL)).value("next_step"), text("visit"));
    let entry = &office.log.last().unwrap().journal[0][0];
    assert_eq!((entry.settled.code(), &entry.kept), ("later_kept", &text("visit")));
    assert_eq!(entry.set_aside, [(text("call"), early)], "the other side can be taken");
}

#[test]
fn adding_wins_over_removing_and_adding_again_counts() {
    let mut office = office();
    office.tag(ANA, DEAL, &["old"], &[]);
    office.tag(BEN, DEAL, &["new"], &["old"]);
    office.meet();
    assert_eq!(*office.view(MIA, record(DEAL)).value("tags"), set(&["new", "old"]));
    assert_eq!(office.last_journal(), [("tags".to_owned(), "adding_won", text("old"))]);

    office.tag(BEN, DEAL, &[], &["old"]);
    office.meet();
    assert_eq!(
        *office.view(ANA, record(DEAL)).value("tags"),
        set(&["new"]),
        "removing what everybody sees removes it"
    );
    assert_eq!(office.last_journal(), []);
}

#[test]
fn an_edit_revives_what_another_deleted_in_either_order() {
    for deleter in [ANA, BEN] {
        let editor = if deleter == ANA { BEN } else { ANA };
        let mut office = office();
        office.delete(deleter, DEAL);
        office.set(editor, DEAL, "next_step", text("call"));
        office.meet();
        let view = office.view(MIA, record(DEAL));
        assert!(view.alive);
        assert_eq!(*view.value("next_step"), text("call"));
        let revived = ("alive".to_owned(), "revived", Value::Boolean(true));
        assert_eq!(office.last_journal(), [revived]);

        office.delete(MIA, DEAL);
        office.meet();
        assert!(!office.view(ANA, record(DEAL)).alive, "deleting it knowingly deletes it");
        let entity = Entity::Opportunity;
        office.act(ANA, &Intent::Restore { record: record(DEAL), entity });
        office.meet();
        assert!(office.view(BEN, record(DEAL)).alive);
    }
}

#[test]
fn two_deletions_are_one() {
    let mut office = office();
    office.delete(ANA, DEAL);
    office.delete(BEN, DEAL);
    office.meet();
    assert!(!office.view(MIA, record(DEAL)).alive);
    assert_eq!(office.last_journal(), []);
}

#[test]
fn counters_sum_and_only_a_sum_is_journalled() {
    let mut office = office();
    let adjust = |by| {
        let (record, entity, field) = (record(SHOP), Entity::Account, "visits".to_owned());
        Intent::AdjustCounter { record, entity, field, by }
    };
    office.act(ANA, &adjust(2));
    office.set(BEN, SHOP, "next_step", text("call"));
    office.meet();
    assert_eq!(office.last_journal(), [], "nobody else counted");
    office.act(ANA, &adjust(5));
    office.act(BEN, &adjust(-1));
    office.act(MIA, &adjust(3));
    office.meet();
    assert_eq!(*office.view(ANA, record(SHOP)).value("visits"), Value::Integer(9));
    let summed = ("visits".to_owned(), "summed", Value::Integer(9));
    assert_eq!(office.last_journal(), [summed]);
}

#[test]
fn texts_merge_word_by_word_and_only_a_merge_is_journalled() {
    let mut office = office();
    office.set(ANA, DEAL, "description", text("They want pumps."));
    office.set(BEN, DEAL, "next_step", text("call"));
    office.meet();
    assert_eq!(office.last_journal(), [], "nobody else wrote");
    office.set(ANA, DEAL, "description", text("They want three pumps."));
    office.set(BEN, DEAL, "description", text("They want pumps before the winter."));
    office.meet();
    let merged = text("They want three pumps before the winter.");
    assert_eq!(*office.view(MIA, record(DEAL)).value("description"), merged);
    assert_eq!(office.last_journal(), [("description".to_owned(), "texts_merged", merged)]);
}

#[test]
fn long_texts_merge_word_by_word_too() {
    let words = |first: &str, last: &str| {
        let middle: Vec<String> = (0..2_000).map(|n| format!("wörd{n}")).collect();
        text(&format!("{first} {} {last}", middle.join(" ")))
    };
    let mut office = office();
    office.set(ANA, DEAL, "description", words("They", "pumps."));
    office.meet();
    // Both change the beginning and the end, so that all between is compared.
    let of = |who: &str| {
        let Value::Text(long) = words("They", "pumps.") else { panic!("a text") };
        let (place, word) =
            if who == "Ana" { ("wörd7 ", "Ana7 ") } else { ("wörd1990 ", "Ben ") };
        let twice = if who == "Ana" { ("wörd1980 ", "Ana1980 ") } else { ("wörd17 ", "Ben17 ") };
        text(&long.replace(place, word).replace(twice.0, twice.1))
    };
    office.set(ANA, DEAL, "description", of("Ana"));
    office.set(BEN, DEAL, "description", of("Ben"));
    office.meet();
    let Value::Text(merged) = office.view(MIA, record(DEAL)).value("description").clone() else {
        panic!("a text");
    };
    for word in ["Ana7 ", "Ana1980 ", "Ben17 ", "Ben "] {
        assert_eq!(merged.matches(word).count(), 1, "{word}");
    }
    assert_eq!(merged.split(' ').count(), 2_002, "nothing twice, nothing lost");
}

#[test]
fn a_visit_is_an_activity_and_counts_at_the_account() {
    let mut office = office();
    let visit = |n| Intent::LogActivity {
        activity: record(n),
        account: Some(record(SHOP)),
        fields: vec![("subject".into(), text("Basement")), ("kind".into(), text("Visit"))],
    };
    let sealed = office.act(ANA, &visit(10));
    assert_eq!(sealed.envelope.header.slots.len(), 2, "two records, one envelope");
    office.act(BEN, &visit(11));
    office.meet();
    assert_eq!(*office.view(MIA, record(SHOP)).value("visits"), Value::Integer(2));
    assert_eq!(*office.view(MIA, record(10)).value("subject"), text("Basement"));
}

#[test]
fn an_owner_moves_by_the_later_word() {
    let mut office = office();
    office.set(BEN, DEAL, "owner", Value::Reference(record(21)));
    office.set(ANA, DEAL, "owner", Value::Reference(record(22)));
    office.meet();
    assert_eq!(*office.view(MIA, record(DEAL)).value("owner"), Value::Reference(record(22)));
}

#[test]
fn who_may_not_resolve_can_propose_and_the_proposals_end_with_their_conflict() {
    let mut office = office();
    let propose = |value, why: &str| Intent::ProposeInConflict {
        record: record(DEAL),
        entity: Entity::Opportunity,
        field: "amount".to_owned(),
        value,
        why: why.to_owned(),
    };
    office.set(ANA, DEAL, "amount", eur(12_000));
    office.set(BEN, DEAL, "amount", eur(9_000));
    office.meet();
    let first = office.act(ANA, &propose(eur(11_000), "we agreed on the phone")).envelope;
    office.act(BEN, &propose(eur(9_500), "the order says so"));
    office.meet();
    let conflict = office.conflict(MIA, DEAL);
    let proposed: Vec<_> =
        conflict.proposals.iter().map(|it| (it.value.clone(), it.why.as_str())).collect();
    assert_eq!(
        proposed,
        [(eur(11_000), "we agreed on the phone"), (eur(9_500), "the order says so")]
    );
    assert_eq!(conflict.proposals[0].intent, first.header.intent);
    assert_eq!(conflict.sides.len(), 2, "a proposal decides nothing");

    let resolve = office.resolving(MIA, DEAL, eur(11_000));
    office.act(MIA, &resolve);
    office.meet();
    office.set(ANA, DEAL, "amount", eur(1));
    office.set(BEN, DEAL, "amount", eur(2));
    office.meet();
    assert_eq!(office.conflict(MIA, DEAL).proposals, [], "a new conflict starts without any");
}

#[test]
fn a_confidential_field_lives_in_its_own_document() {
    let mut office = office();
    let edits = ["margin", "next_step"].map(|field| FieldEdit {
        field: field.to_owned(),
        from: Value::Null,
        to: if field == "margin" { Value::Percent(1_000) } else { text("call") },
    });
    let (entity, edits) = (Entity::Opportunity, edits.to_vec());
    let both = Intent::EditFields { record: record(DEAL), entity, edits };
    let sealed = office.act(ANA, &both).envelope;
    assert_eq!(sealed.parts.len(), 2);
    assert_eq!(sealed.header.slots.len(), 1, "two facets of one record share a slot");
    office.set(BEN, DEAL, "margin", Value::Percent(2_000));
    office.meet();

    let whole = office.view(MIA, record(DEAL));
    assert_eq!(whole.conflicts[0].facet, Facet::Confidential);
    assert_eq!(whole.conflicts[0].base, Value::Null, "nobody had written it");
    let without = office.server.view_of(record(DEAL), &[Facet::Internal]);
    assert_eq!(without.conflicts, []);
    assert!(!without.fields.contains_key("margin"));
    assert_eq!(*without.value("next_step"), text("call"));
    let open = &office.server.documents[&sealed.parts[0].0.document].1;
    let bytes = String::from_utf8_lossy(&open.save()).into_owned();
    assert!(!bytes.contains("margin"), "the other facet's document does not know the field");
    assert!(bytes.contains("next_step"), "the search above would have found it");
}

#[test]
fn a_field_that_newer_devices_have_merges_although_nobody_made_it() {
    let extra = [
        ("memo", ValueType::LongText, MergeClass::Text),
        ("calls", ValueType::Integer, MergeClass::Counter),
    ];
    let newer = extra.into_iter().fold(Schema::crm(), |schema, (name, value_type, class)| {
        let field = FieldDef::new(name, name, value_type, class, Classification::Internal);
        schema.with_field(Entity::Opportunity, field).unwrap()
    });
    // The record is made by a device that does not know the fields.
    let mut office = Office::with_schema(3, &newer);
    office.devices[ANA].replica.schema = Schema::crm();
    office.create(ANA, Entity::Opportunity, DEAL, &[("name", text("Pumps"))]);
    office.meet();

    // Two newer devices write both fields without having heard of each other.
    for (who, memo, by) in [(BEN, "three pumps", 2), (MIA, "before winter", 3)] {
        office.set(who, DEAL, "memo", text(memo));
        let (record, entity, field) = (record(DEAL), Entity::Opportunity, "calls".to_owned());
        office.act(who, &Intent::AdjustCounter { record, entity, field, by });
    }
    office.set(ANA, DEAL, "next_step", text("call"));
    for who in [MIA, ANA, BEN] {
        office.push(who);
    }
    let view = office.server.view(record(DEAL));
    assert_eq!(*view.value("calls"), Value::Integer(5), "both counted on one counter");
    let memo = view.value("memo").as_text().unwrap().to_owned();
    assert!(memo.contains("three pumps") && memo.contains("before winter"), "{memo}");
    assert_eq!(view.conflicts, []);

    // The older device cannot replay what it does not know: it takes the bytes.
    let mut older = office.devices[ANA].replica.clone();
    for accepted in &office.log {
        for ((part, _), raw) in accepted.sealed.envelope.parts.iter().zip(&accepted.sealed.raw) {
            assert!(older.apply(part, raw));
        }
    }
    assert_eq!(older.heads(), office.server.heads());
    assert!(!older.view(record(DEAL)).fields.contains_key("memo"));
    older.schema = newer;
    assert_eq!(older.picture(), office.server.picture(), "after its update it shows them");
}
