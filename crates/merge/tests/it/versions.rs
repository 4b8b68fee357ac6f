//! Devices of several schema versions at one office: whoever has a field merges it by its class,
//! whoever does not keeps it, and after an update everybody shows the same.

use proptest::prelude::*;
use roadbook_domain::schema::SCHEMA_VERSION;
use roadbook_domain::{Classification, Entity, FieldDef, MergeClass, Schema, ValueType};

use crate::convergence::{check_model, check_refusals, config};
use crate::office::Office;
use crate::script::{Played, Step, What, play_in, steps};

/// How many versions after the shipped one there are.
const NEWEST: u32 = 2;

const NEWER: [(&str, ValueType, MergeClass, Classification, u32); 7] = [
    ("landmark", ValueType::Text, MergeClass::Preference, Classification::Internal, 1),
    ("budget", ValueType::Money, MergeClass::Review, Classification::Internal, 1),
    ("perils", ValueType::Set, MergeClass::Set, Classification::Internal, 1),
    ("memo", ValueType::LongText, MergeClass::Text, Classification::Internal, 1),
    ("calls", ValueType::Integer, MergeClass::Counter, Classification::Internal, 1),
    ("rumour", ValueType::LongText, MergeClass::Text, Classification::Confidential, 2),
    ("rivals", ValueType::Integer, MergeClass::Counter, Classification::Internal, 2),
];

/// The table of a version, counted from the shipped one.
fn schema(version: u32) -> Schema {
    let fields = NEWER.into_iter().filter(|(.., since)| *since <= version);
    fields.fold(Schema::crm(), |schema, (name, value_type, class, classification, since)| {
        let field = FieldDef::new(name, name, value_type, class, classification);
        schema.with_field(Entity::Opportunity, field.since(SCHEMA_VERSION + since)).unwrap()
    })
}

/// The table that comes after a device's own.
pub(crate) fn after(own: &Schema) -> Schema {
    schema((own.version() - SCHEMA_VERSION + 1).min(NEWEST))
}

/// A field that is not in the shipped table, if the device's has it.
pub(crate) fn newer_field(own: &Schema, which: usize) -> Option<&FieldDef> {
    own.field(Entity::Opportunity, NEWER[which % NEWER.len()].0)
}

/// What devices of several versions do. Newer fields are written more often than others.
const DAY: [What; 24] = [
    What::Newer,
    What::Newer,
    What::Newer,
    What::Newer,
    What::Newer,
    What::Newer,
    What::Newer,
    What::Newer,
    What::Newer,
    What::Update,
    What::Preference,
    What::Amount,
    What::Stage,
    What::Tag,
    What::Text,
    What::Strategy,
    What::Delete,
    What::Restore,
    What::Resolve,
    What::Push,
    What::Push,
    What::Pull,
    What::PullAll,
    What::PullAll,
];

/// Plays a day at an office whose server has the newest table, then updates everybody.
fn day(versions: &[u32], steps: &[Step]) -> Played {
    let devices = u8::try_from(versions.len()).unwrap();
    let mut office = Office::with_schema(devices, &schema(NEWEST));
    for (device, version) in office.devices.iter_mut().zip(versions) {
        device.replica.schema = schema(*version);
    }
    let mut played = play_in(office, steps);
    check_refusals(&played);
    check_model(&played);
    let pictures = played.office.server.picture();
    for device in &mut played.office.devices {
        device.replica.schema = schema(NEWEST);
        assert_eq!(device.replica.picture(), pictures, "after its update device {}", device.id);
    }
    played
}

fn any_step() -> impl Strategy<Value = Step> {
    let what = proptest::sample::select(DAY.to_vec());
    (any::<u8>(), what, any::<u8>(), any::<u8>()).prop_map(|(who, what, which, arg)| Step {
        who,
        what,
        which,
        arg,
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_field_that_not_all_devices_have_merges_as_if_they_had(
        versions in proptest::collection::vec(0..=NEWEST, 3..=5),
        steps in proptest::collection::vec(any_step(), 60..120),
    ) {
        day(&versions, &steps);
    }
}

/// The property above is not empty: in its days each class of newer field is disputed or settled,
/// while devices are there that do not have it.
#[test]
fn days_of_several_versions_contain_everything_that_can_happen() {
    let (mut settled, mut conflicts) = (std::collections::BTreeMap::new(), 0);
    for seed in 0..12 {
        let played = day(&[0, 1, 2, 0, 1], &steps(seed, 120, &DAY));
        let entries = played.office.log.iter().flat_map(|it| it.journal.iter().flatten());
        for entry in entries {
            *settled.entry((entry.field.clone(), entry.settled.code())).or_insert(0) += 1;
        }
        let views = played.office.server.picture();
        let open = views.values().flat_map(|view| &view.conflicts);
        conflicts += open.filter(|conflict| conflict.field == "budget").count();
    }
    for rule in [
        ("landmark", "later_kept"),
        ("perils", "adding_won"),
        ("memo", "texts_merged"),
        ("calls", "summed"),
        ("rumour", "texts_merged"),
        ("rivals", "summed"),
    ] {
        let seen = settled.get(&(rule.0.to_owned(), rule.1)).copied().unwrap_or(0);
        assert!(seen >= 3, "{rule:?} {seen} times: {settled:?}");
    }
    assert!(conflicts >= 3, "{conflicts} conflicts about the newer field stay open");
}
