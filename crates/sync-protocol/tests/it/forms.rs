//! The postcard form of every wire type, in hex. A change of one of these needs a new protocol
//! version (see the crate's recipe); `cargo insta review` or `INSTA_UPDATE=always` takes it over.

use std::fmt::{Debug, Write as _};

use roadbook_domain::{Entity, Facet, IntentKind};
use roadbook_sync_protocol::{
    Checksum, Cursor, PullRequest, Quarantined, SyncRequest, SyncResponse, decode, encode,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::samples;

/// The form in lines of 32 bytes, after checking that it can be read back.
fn form<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) -> String {
    let bytes = postcard::to_allocvec(value).unwrap();
    let back: T = postcard::from_bytes(&bytes).unwrap();
    assert_eq!(back, *value);
    let mut out = String::new();
    for line in bytes.chunks(32) {
        for byte in line {
            write!(out, "{byte:02x}").unwrap();
        }
        out.push('\n');
    }
    out
}

/// The forms of several values, one after the other, each with what it is.
fn forms<T: Serialize + DeserializeOwned + PartialEq + Debug>(values: &[T]) -> String {
    values.iter().fold(String::new(), |mut out, value| {
        let name = format!("{value:?}");
        let name = name.split(|c: char| !c.is_alphanumeric()).next().unwrap();
        write!(out, "{name}\n{}", form(value)).unwrap();
        out
    })
}

macro_rules! pinned {
    ($($name:ident => $form:expr;)+) => {
        $(
            #[test]
            fn $name() {
                insta::assert_snapshot!($form);
            }
        )+
    };
}

pinned! {
    values_keep_their_form => forms(&samples::values());
    operations_keep_their_form => forms(&samples::operations());
    verdicts_keep_their_form => forms(&samples::verdicts());
    journal_entries_keep_their_form => forms(&samples::journal());
    client_hello_keeps_its_form => form(&samples::hello());
    server_hello_keeps_its_form => form(&samples::server_hello());
    envelope_keeps_its_form => form(&samples::envelope());
    push_part_keeps_its_form => form(&samples::push_part());
    push_envelope_keeps_its_form => form(&samples::push_envelope());
    push_batch_keeps_its_form => form(&samples::batch());
    receipt_keeps_its_form => form(&samples::receipt());
    outcome_keeps_its_form => form(&samples::outcome());
    log_item_keeps_its_form => form(&samples::log_item());
    provenance_keeps_its_form => form(&samples::provenance());
    snapshot_keeps_its_form => form(&samples::snapshot());
    page_keeps_its_form => form(&samples::page());
    request_keeps_its_form => form(&samples::request());
    response_keeps_its_form => form(&samples::response());
    relay_request_keeps_its_form => form(&samples::relay_request());
    standings_keep_their_form => forms(&samples::standings());
    relay_response_keeps_its_form => form(&samples::relay_response());
    history_request_keeps_its_form => form(&samples::history_request());
    history_response_keeps_its_form => form(&samples::history_response());
}

/// Numbers in forms, tables and digests: never reused, never reordered.
#[test]
fn numbered_words_keep_their_numbers() {
    let entities: Vec<String> =
        Entity::ALL.iter().map(|it| format!("{} {it}", *it as u8)).collect();
    let kinds: Vec<String> = samples::KINDS
        .iter()
        .map(|it: &IntentKind| format!("{} {}", *it as u8, it.name()))
        .collect();
    let facets = Facet::ALL.map(|facet| format!("{} {facet:?}", facet as u8));
    insta::assert_snapshot!([entities, kinds, facets.to_vec()].concat().join("\n"));
    for kind in samples::KINDS {
        assert_eq!(postcard::to_allocvec(&kind).unwrap(), [kind as u8]);
    }
}

#[test]
fn the_smallest_exchange_is_small() {
    let mut request = samples::request();
    request.push = None;
    request.pull = Some(PullRequest { cursor: Cursor(vec![0; 4]), max_bytes: 1 << 20 });
    request.quarantine = Vec::new();
    request.purged = Vec::new();
    request.verify = false;
    let mut response = samples::response();
    response.verdicts = Vec::new();
    response.receipt = None;
    response.quarantined = Vec::new();
    response.checksum = None;
    let page = response.page.as_mut().unwrap();
    (page.items, page.receipt, page.devices) = (Vec::new(), None, Vec::new());
    let size = encode(&request).unwrap().len() + encode(&response).unwrap().len();
    assert!(size < 200, "a sync with nothing to say takes {size} bytes of body");
}

#[test]
fn messages_travel_in_frames_of_the_newest_version() {
    let (request, response) = (samples::request(), samples::response());
    let frame = encode(&request).unwrap();
    assert_eq!(&frame[..3], b"RB\x01");
    assert_eq!(decode::<SyncRequest>(&frame).unwrap(), request);
    let frame = encode(&response).unwrap();
    assert_eq!(decode::<SyncResponse>(&frame).unwrap(), response);
    for end in [0, 2, 3, 10, frame.len() - 1] {
        assert!(decode::<SyncResponse>(&frame[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn surrendered_work_travels_as_a_list() {
    let list: Vec<Quarantined> = samples::request().quarantine;
    let frame = encode(&list).unwrap();
    assert_eq!(decode::<Vec<Quarantined>>(&frame).unwrap(), list);
}

#[test]
fn a_checksum_is_of_documents_and_heads_whatever_their_order() {
    let documents = [
        (samples::key(1, Facet::Internal), vec![samples::change(1), samples::change(2)]),
        (samples::key(1, Facet::Confidential), vec![samples::change(3)]),
        (samples::key(2, Facet::Internal), vec![]),
    ];
    let sum = |order: [usize; 3]| {
        let mut sum = Checksum { seq: 9, documents: 0, digest: [0; 32] };
        for at in order {
            let (key, heads) = &documents[at];
            sum.add(key, heads);
        }
        sum
    };
    assert_eq!(sum([0, 1, 2]), sum([2, 0, 1]));
    assert_ne!(sum([0, 1, 2]), sum([0, 1, 1]));
    insta::assert_snapshot!(form(&sum([0, 1, 2])));
}
