//! Applying one part of an accepted envelope to a document by performing it again, and what history
//! keeps of it.

use roadbook_domain::{Operation, Schema};
use roadbook_merge::{Author, Document, Header, Part, Stamp, mutator};
use roadbook_sync_protocol::{HistoryEntry, Outcome, Provenance};

/// Applies what a part's operations give.
pub(super) fn perform(
    schema: &Schema,
    document: &mut Document,
    header: &Header,
    part: &Part,
) -> Result<(), String> {
    if let Some(missing) = document.missing(&part.basis) {
        return Err(format!("it builds on change {missing}, which is not here"));
    }
    let author =
        Author { device: header.device, install_epoch: header.install_epoch, branch: part.branch };
    let stamp = Stamp { author, clock: header.clock, intent: header.intent };
    let before = document.heads();
    let performed = mutator::perform(
        header.mutator_version,
        schema,
        document,
        part.entity,
        &stamp,
        &part.basis,
        &part.operations,
    )
    .map_err(|refusal| refusal.to_string())?;
    if performed.change == part.change {
        return Ok(());
    }
    *document = document.at(&before).map_err(|error| error.to_string())?;
    Err("its operations give other bytes here; this program is too old or too new".to_owned())
}

/// The history entry of a part.
pub(crate) fn entry_of(seq: u64, header: &Header, part: &Part, outcome: Outcome) -> HistoryEntry {
    let makes = matches!(part.operations.first(), Some(Operation::Create { .. }));
    HistoryEntry {
        made_by: Provenance {
            change: part.change,
            intent: header.intent,
            kind: part.kind,
            user: header.user,
            device: header.device,
            clock: header.clock,
            client_version: header.client_version,
            policy_version: header.policy_version,
            seq,
            rationale: part.rationale.clone(),
        },
        // The document itself tells what it was made with.
        operations: if makes { Vec::new() } else { part.operations.clone() },
        journal: outcome.journal,
    }
}
