//! `docs/data-model.md` says what the schema table says.
//!
//! `ROADBOOK_UPDATE=1 cargo test -p roadbook-domain --test it` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use roadbook_domain::schema::SCHEMA_VERSION;
use roadbook_domain::{Classification, Schema, ValueType};

#[allow(clippy::wildcard_enum_match_arm, reason = "only these types have more to tell")]
fn rendered() -> String {
    let mut out = String::from(
        "# The data model\n\n\
         Generated from the schema table in `crates/domain/src/schema/crm.rs`; do not edit by \
         hand. `ROADBOOK_UPDATE=1 cargo test -p roadbook-domain --test it` writes it anew.\n\n",
    );
    let _ = writeln!(out, "Schema version {SCHEMA_VERSION}.\n");
    out.push_str(
        "Merge classes: **preference** last writer wins and the loser is journalled; **set** \
         adding wins; **counter** sum of changes; **append** immutable entries; **text** merged \
         word by word; **structured** rules of the artefact (not writable yet); **state** a legal \
         join merges, an illegal one goes to a person; **review** two different concurrent values \
         go to a person; **confirmed** the server is the truth; **derived** recomputed, never \
         stored.\n\nA confidential field lives in a document of its own that is never sent to \
         people without the right.\n",
    );
    for entity in Schema::crm().entities() {
        let _ = writeln!(out, "\n## {}\n", entity.entity.name());
        if let Some(parent) = entity.parent {
            let _ = writeln!(out, "Seen by whoever sees its `{parent}`, and by its owner.\n");
        }
        if entity.server_written {
            out.push_str("Written by the server; read-only on devices.\n\n");
        }
        out.push_str("| field | label | type | merge class | seen by |\n|---|---|---|---|---|\n");
        for field in &entity.fields {
            let mut kind = field.value_type.kind().to_owned();
            match &field.value_type {
                ValueType::Choice(words) => {
                    let _ = write!(kind, ": {}", words.join(", "));
                }
                ValueType::State(machine) => {
                    let names: Vec<_> = machine.names().collect();
                    let _ = write!(kind, ": {}", names.join(", "));
                }
                ValueType::Reference(to) => {
                    let _ = write!(kind, " of {}", to.name());
                }
                _ => {}
            }
            if let Some(unit) = field.unit {
                let _ = write!(kind, " in {unit}");
            }
            let seen = match field.classification {
                Classification::Internal => "who sees the record",
                Classification::Confidential => "who may see confidential data",
            };
            let required = if field.required { ", required" } else { "" };
            let class = format!("{:?}", field.class).to_lowercase();
            let _ = writeln!(
                out,
                "| `{}` | {} | {kind}{required} | {class} | {seen} |",
                field.name, field.label
            );
        }
    }
    out
}

#[test]
fn the_document_is_what_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/data-model.md");
    let expected = rendered();
    if std::env::var_os("ROADBOOK_UPDATE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "docs/data-model.md is stale; run it with ROADBOOK_UPDATE=1");
}
