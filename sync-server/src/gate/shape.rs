//! The shape of an envelope: sizes and structure, before anything is looked up.

use roadbook_domain::{Facet, IntentKind, Operation};
use roadbook_merge::{Envelope, Part, Salt};

use super::causes::creates;
use super::{Stop, deny, deny_forged};

/// Records and documents of one envelope.
const PARTS_MAX: usize = 16;
/// Operations of one part, and fields of one creation.
const OPERATIONS_MAX: usize = 64;
/// Heads of a basis and sides of a resolution.
const HASHES_MAX: usize = 64;
/// Members added to or removed from a set at once.
pub(crate) const MEMBERS_MAX: usize = 500;
/// Bytes of a rationale or of the reason of a proposal.
const WORDS_MAX_BYTES: usize = 2_000;
/// Bytes of one envelope's parts in postcard form.
const ENVELOPE_MAX_BYTES: usize = 1024 * 1024;
/// The kinds of intents that make records.
const MAKES_RECORDS: [IntentKind; 4] =
    [IntentKind::Create, IntentKind::LogActivity, IntentKind::AddNote, IntentKind::ConvertLead];
/// The most that a counter moves at once.
const ADJUST_MAX: u64 = 1 << 40;

/// Checks caps and structure. Returns the parts in the form in which they are stored.
pub(super) fn check(envelope: &Envelope) -> Result<Vec<Vec<u8>>, Stop> {
    let parts = &envelope.parts;
    if parts.is_empty() {
        return Err(deny_forged("empty", "the intent does nothing"));
    }
    if parts.len() > PARTS_MAX {
        return Err(too_large(&format!("more than {PARTS_MAX} documents")));
    }
    for (index, (part, _)) in parts.iter().enumerate() {
        if usize::from(part.slot) >= PARTS_MAX {
            return Err(deny_forged("bad_slot", "a part names a record that is not there"));
        }
        for (other, _) in &parts[..index] {
            let same_slot = other.slot == part.slot;
            let same_record = other.document.record == part.document.record;
            let same_facet = other.document.facet == part.document.facet;
            if same_slot != same_record || (same_slot && same_facet) {
                return Err(deny_forged("bad_slot", "two parts speak of the same document"));
            }
            if same_record && other.entity != part.entity {
                return Err(deny_forged("wrong_entity", "a record cannot be of two kinds"));
            }
        }
        check_part(part)?;
        check_first_values(parts, part)?;
    }
    let mut encoded = Vec::with_capacity(parts.len());
    let mut size = 0;
    for part in parts {
        let bytes = postcard::to_allocvec(part)
            .map_err(|_| deny_forged("bad_part", "a part cannot be stored"))?;
        size += bytes.len();
        encoded.push(bytes);
    }
    if size > ENVELOPE_MAX_BYTES {
        return Err(too_large("more than 1 MiB"));
    }
    Ok(encoded)
}

/// First values come with the record that they are the first of: what the kind says is not enough.
fn check_first_values(parts: &[(Part, Salt)], part: &Part) -> Result<(), Stop> {
    let makes = MAKES_RECORDS.contains(&part.kind) && part.document.facet == Facet::Confidential;
    let made =
        |(other, _): &(Part, Salt)| other.document.record == part.document.record && creates(other);
    if makes && !parts.iter().any(made) {
        return Err(deny_forged("kind_mismatch", "the intent does not make the record"));
    }
    Ok(())
}

fn too_large(what: &str) -> Stop {
    deny("too_large", format!("the intent has {what}"), "do it in several smaller steps")
}

fn check_part(part: &Part) -> Result<(), Stop> {
    if part.operations.is_empty() {
        return Err(deny_forged("empty", "a part does nothing"));
    }
    if part.operations.len() > OPERATIONS_MAX {
        return Err(too_large(&format!("more than {OPERATIONS_MAX} changes of one record")));
    }
    if part.basis.len() > HASHES_MAX {
        return Err(deny_forged("bad_basis", "a part builds on too many changes"));
    }
    if !part.basis.is_sorted() {
        return Err(deny_forged("bad_basis", "the basis of a part is not in order"));
    }
    let words = part.rationale.as_deref().map_or(0, str::len);
    if words > WORDS_MAX_BYTES {
        return Err(too_large("too long a reason"));
    }
    for operation in &part.operations {
        check_operation(part, operation)?;
    }
    Ok(())
}

fn check_operation(part: &Part, operation: &Operation) -> Result<(), Stop> {
    let alone = |what: &str| {
        if part.operations.len() > 1 {
            Err(deny_forged("wrong_operation", format!("{what} stands alone in its part")))
        } else if part.document.facet != Facet::Internal {
            Err(deny_forged("wrong_operation", format!("{what} belongs to the internal part")))
        } else {
            Ok(())
        }
    };
    match operation {
        Operation::Create { fields } => {
            alone("making a record")?;
            if !MAKES_RECORDS.contains(&part.kind) {
                return Err(deny_forged("wrong_operation", "this kind of intent makes no record"));
            }
            if !part.basis.is_empty() {
                return Err(deny_forged("bad_basis", "a new record builds on nothing"));
            }
            if fields.len() > OPERATIONS_MAX {
                return Err(too_large("too many fields"));
            }
            for (index, (name, value)) in fields.iter().enumerate() {
                if fields[..index].iter().any(|(other, _)| other == name) {
                    return Err(deny_forged("wrong_operation", "a field has two first values"));
                }
                members(value.members())?;
            }
            Ok(())
        }
        Operation::Delete | Operation::Restore => alone("the trash"),
        Operation::ChangeSet { add, remove, .. } => {
            members(add)?;
            members(remove)
        }
        Operation::Adjust { by, .. } if by.unsigned_abs() > ADJUST_MAX => {
            Err(too_large("too large a step of a counter"))
        }
        Operation::Resolve { sides, .. } if sides.len() > HASHES_MAX => {
            Err(deny_forged("other_sides", "a conflict has not so many sides"))
        }
        Operation::Propose { why, .. } if why.len() > WORDS_MAX_BYTES => {
            Err(too_large("too long a reason"))
        }
        Operation::Edit(_)
        | Operation::Move { .. }
        | Operation::Adjust { .. }
        | Operation::Resolve { .. }
        | Operation::Propose { .. }
        | Operation::EditText { .. } => Ok(()),
    }
}

fn members(members: &[String]) -> Result<(), Stop> {
    if members.len() > MEMBERS_MAX {
        return Err(too_large(&format!("more than {MEMBERS_MAX} members of a set")));
    }
    if members.windows(2).any(|pair| pair[0] >= pair[1]) {
        return Err(deny_forged("wrong_operation", "the members of a set are not in order"));
    }
    Ok(())
}
