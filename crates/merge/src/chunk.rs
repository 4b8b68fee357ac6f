//! Raw changes, one after the other, taken apart strictly.
//!
//! Automerge passes over what it cannot read at the end of a run of changes; here damaged bytes
//! are an error before anything is applied, so that nothing is lost in silence.

use automerge::{Automerge, Change};

const MAGIC: [u8; 4] = [0x85, 0x6f, 0x4a, 0x83];
const DOCUMENT: u8 = 0;

/// The changes in a run of chunks; `None` if any of it is damaged.
pub(crate) fn changes(mut bytes: &[u8]) -> Option<Vec<Change>> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let (chunk, rest) = bytes.split_at_checked(length(bytes)?)?;
        if chunk[8] == DOCUMENT {
            out.extend(Automerge::load(chunk).ok()?.get_changes(&[]));
        } else {
            let change = Change::try_from(chunk).ok()?;
            // The check sum of a chunk is the beginning of the change's hash.
            if change.hash().0[..4] != chunk[4..8] {
                return None;
            }
            out.push(change);
        }
        bytes = rest;
    }
    Some(out)
}

/// The length of the first chunk: magic (4), check sum (4), kind (1), length (LEB128), content.
fn length(bytes: &[u8]) -> Option<usize> {
    if bytes.get(..4)? != MAGIC {
        return None;
    }
    let (mut content, mut shift) = (0_u64, 0_u32);
    let mut at = 9;
    loop {
        let byte = *bytes.get(at)?;
        at += 1;
        content |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            break;
        }
        shift += 7;
    }
    usize::try_from(content).ok()?.checked_add(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use automerge::transaction::Transactable as _;
    use automerge::{AutoCommit, ROOT};

    fn run() -> Vec<u8> {
        let mut doc = AutoCommit::new();
        doc.put(ROOT, "a", 1).unwrap();
        doc.commit();
        doc.put(ROOT, "text", "long ".repeat(200)).unwrap();
        doc.commit();
        doc.save_after(&[])
    }

    #[test]
    fn a_run_comes_apart_into_its_changes() {
        let run = run();
        assert_eq!(changes(&run).unwrap().len(), 2);
        assert_eq!(changes(&[]).unwrap().len(), 0);
        let mut doc = AutoCommit::load(&run).unwrap();
        assert_eq!(changes(&doc.save()).unwrap().len(), 2, "a saved document");
    }

    #[test]
    fn every_damaged_byte_and_every_cut_is_noticed() {
        let run = run();
        for at in 0..run.len() {
            let mut damaged = run.clone();
            damaged[at] ^= 0x21;
            assert!(changes(&damaged).is_none(), "byte {at} of {}", run.len());
        }
        let first = length(&run).unwrap();
        for end in 1..run.len() {
            let whole = changes(&run[..end]).is_some();
            assert_eq!(whole, end == first, "cut at {end} of {}", run.len());
        }
    }
}
