//! One flat Automerge document: loading, saving, applying changes.
//!
//! A document is kept as bytes and opened only when it is touched.

use std::collections::{BTreeSet, HashSet};

use automerge::{Automerge, Change, LoadOptions, ObjType, ROOT, ReadDoc, VerificationMode};
use roadbook_domain::{ChangeHash, DocumentKey, Entity, Hlc};

use crate::keys::Keys;
use crate::{Author, actor_of, chunk, layout};

/// Bytes that are not what they should be.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The stored document cannot be read.
    #[error("document {key:?} cannot be read")]
    Unreadable {
        /// Which document.
        key: DocumentKey,
        /// What Automerge says.
        #[source]
        source: Box<automerge::AutomergeError>,
    },
    /// A change cannot be applied.
    #[error("a change of document {key:?} cannot be applied")]
    BadChange {
        /// Which document.
        key: DocumentKey,
        /// What Automerge says.
        #[source]
        source: Box<automerge::AutomergeError>,
    },
    /// Bytes that are no changes.
    #[error("changes of document {key:?} are damaged")]
    Damaged {
        /// Which document.
        key: DocumentKey,
    },
    /// A change builds on changes that are not here.
    #[error("document {key:?} misses {missing} changes that another builds on")]
    MissingChanges {
        /// Which document.
        key: DocumentKey,
        /// How many.
        missing: usize,
    },
    /// Changes that are not those that were spoken of.
    #[error("what came for document {key:?} is another change")]
    OtherChange {
        /// Which document.
        key: DocumentKey,
    },
}

impl DocumentError {
    /// Which document it is about.
    #[must_use]
    pub const fn key(&self) -> DocumentKey {
        match self {
            Self::Unreadable { key, .. }
            | Self::BadChange { key, .. }
            | Self::Damaged { key }
            | Self::MissingChanges { key, .. }
            | Self::OtherChange { key } => *key,
        }
    }
}

/// Changes that came for a document and wait to be applied together: taking in many at once costs
/// a fraction of taking them in one by one.
#[derive(Debug, Default)]
pub struct Arrived {
    changes: Vec<Change>,
    hashes: HashSet<automerge::ChangeHash>,
}

impl Arrived {
    /// Says whether a change is among them.
    #[must_use]
    pub fn has(&self, change: ChangeHash) -> bool {
        self.hashes.contains(&automerge::ChangeHash(change.0))
    }
}

/// An open document.
#[derive(Debug, Clone)]
pub struct Document {
    key: DocumentKey,
    pub(crate) inner: Automerge,
}

impl Document {
    /// An empty document.
    #[must_use]
    pub fn new(key: DocumentKey) -> Self {
        Self { key, inner: Automerge::new() }
    }

    /// Opens stored bytes.
    ///
    /// # Errors
    /// [`DocumentError::Unreadable`] when they are damaged.
    pub fn load(key: DocumentKey, bytes: &[u8]) -> Result<Self, DocumentError> {
        let options = LoadOptions::new().verification_mode(VerificationMode::DontCheck);
        Automerge::load_with_options(bytes, options)
            .map(|inner| Self { key, inner })
            .map_err(|source| DocumentError::Unreadable { key, source: Box::new(source) })
    }

    /// The document's bytes, uncompressed: pages and databases compress or encrypt as a whole.
    #[must_use]
    pub fn save(&self) -> Vec<u8> {
        self.inner.save_nocompress()
    }

    /// Which document this is.
    #[must_use]
    pub const fn key(&self) -> DocumentKey {
        self.key
    }

    /// The current heads, sorted.
    #[must_use]
    pub fn heads(&self) -> Vec<ChangeHash> {
        self.inner.get_heads().into_iter().map(|hash| ChangeHash(hash.0)).collect()
    }

    /// Says whether the document has no changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inner.get_heads().is_empty()
    }

    /// Says whether the document holds a change.
    #[must_use]
    pub fn has(&self, change: ChangeHash) -> bool {
        let hash = automerge::ChangeHash(change.0);
        self.inner.get_change_meta_by_hash(&hash).is_some()
    }

    /// The first of these changes that the document does not hold.
    #[must_use]
    pub fn missing(&self, changes: &[ChangeHash]) -> Option<ChangeHash> {
        changes.iter().copied().find(|change| !self.has(*change))
    }

    /// Applies raw changes (one or several, concatenated). Known changes are passed over. After an
    /// error the document is as it was.
    ///
    /// # Errors
    /// [`DocumentError::Damaged`] for bytes that are no changes, [`DocumentError::BadChange`] for
    /// changes that contradict what is here, [`DocumentError::MissingChanges`] when one builds on
    /// changes that are not here.
    pub fn apply(&mut self, bytes: &[u8]) -> Result<(), DocumentError> {
        let key = self.key;
        let changes = chunk::changes(bytes).ok_or(DocumentError::Damaged { key })?;
        self.apply_changes(changes)
    }

    /// Puts raw changes, `change` among them, with those that wait to be applied. The document
    /// stays as it is until [`Self::catch_up`].
    ///
    /// # Errors
    /// Those of [`Self::apply`], and [`DocumentError::OtherChange`] when `change` is not among them;
    /// then none of them waits.
    pub fn arrive(
        &self,
        arrived: &mut Arrived,
        bytes: &[u8],
        change: ChangeHash,
    ) -> Result<(), DocumentError> {
        let key = self.key;
        let changes = chunk::changes(bytes).ok_or(DocumentError::Damaged { key })?;
        let spoken_of = automerge::ChangeHash(change.0);
        if !changes.iter().any(|change| change.hash() == spoken_of) {
            return Err(DocumentError::OtherChange { key });
        }
        self.check_needed(&changes, &arrived.hashes)?;
        for change in changes {
            if arrived.hashes.insert(change.hash()) {
                arrived.changes.push(change);
            }
        }
        Ok(())
    }

    /// Applies what waits. Returns the changes that contradict what is here, with the reason.
    pub fn catch_up(&mut self, arrived: &mut Arrived) -> Vec<(ChangeHash, DocumentError)> {
        let Arrived { changes, .. } = std::mem::take(arrived);
        if changes.is_empty() || self.inner.apply_changes(changes.clone()).is_ok() {
            return Vec::new();
        }
        // One of them is at fault: the others still come in.
        let mut out = Vec::new();
        for change in changes {
            let hash = ChangeHash(change.hash().0);
            if let Err(error) = self.apply_changes(vec![change]) {
                out.push((hash, error));
            }
        }
        out
    }

    pub(crate) fn apply_changes(&mut self, changes: Vec<Change>) -> Result<(), DocumentError> {
        let key = self.key;
        self.check_needed(&changes, &HashSet::new())?;
        self.inner
            .apply_changes(changes)
            .map_err(|source| DocumentError::BadChange { key, source: Box::new(source) })
    }

    /// Everything that changes build on must be here, among them, or among those that wait.
    fn check_needed(
        &self,
        changes: &[Change],
        waiting: &HashSet<automerge::ChangeHash>,
    ) -> Result<(), DocumentError> {
        let here = |hash: &automerge::ChangeHash| {
            waiting.contains(hash)
                || changes.iter().any(|change| change.hash() == *hash)
                || self.inner.get_change_meta_by_hash(hash).is_some()
        };
        let needed: BTreeSet<_> = changes.iter().flat_map(|change| change.deps()).collect();
        let missing = needed.into_iter().filter(|hash| !here(hash)).count();
        if missing > 0 {
            return Err(DocumentError::MissingChanges { key: self.key, missing });
        }
        Ok(())
    }

    /// All changes since some heads, as raw bytes one after the other.
    #[must_use]
    pub fn changes_since(&self, heads: &[ChangeHash]) -> Vec<u8> {
        self.inner.save_after(&to_automerge(heads))
    }

    /// The document as it was at some heads.
    ///
    /// # Errors
    /// [`DocumentError::MissingChanges`] when a head is not here.
    pub fn at(&self, heads: &[ChangeHash]) -> Result<Self, DocumentError> {
        let key = self.key;
        self.inner
            .fork_at(&to_automerge(heads))
            .map(|inner| Self { key, inner })
            .map_err(|_| DocumentError::MissingChanges { key, missing: 1 })
    }

    /// The sequence number that the next change of an author would have.
    #[must_use]
    pub fn next_sequence(&self, author: &Author) -> u64 {
        let actor = actor_of(author, &self.key);
        let metas = self.inner.get_changes_meta(&[]);
        metas.iter().filter(|meta| *meta.actor == actor).map(|meta| meta.seq).max().unwrap_or(0) + 1
    }

    /// The kind of the record, if the document tells (internal facet only).
    #[must_use]
    pub fn entity(&self) -> Option<Entity> {
        let (value, _) = self.inner.get(ROOT, layout::ENTITY).ok()??;
        value.as_str()?.parse().ok()
    }

    /// Says whether the record has been made: an internal document without it is empty.
    #[must_use]
    pub fn is_created(&self) -> bool {
        self.inner.get(ROOT, layout::ENTITY).ok().flatten().is_some()
    }

    /// Says whether the record is alive: one edit among the survivors is enough.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        Keys::of_field(self, layout::ALIVE).is_alive()
    }

    /// The clock of the last edit.
    #[must_use]
    pub fn updated(&self) -> Hlc {
        Keys::of_field(self, layout::ALIVE).updated()
    }

    /// The clock of a change; `None` if it is not here.
    #[must_use]
    pub fn clock_of(&self, change: ChangeHash) -> Option<Hlc> {
        let hash = automerge::ChangeHash(change.0);
        self.inner.get_change_meta_by_hash(&hash).map(|meta| Hlc(meta.timestamp))
    }

    /// The greatest clock among some changes and thereby among all that they build on.
    #[must_use]
    pub fn clock_at(&self, heads: &[ChangeHash]) -> Hlc {
        heads.iter().filter_map(|head| self.clock_of(*head)).max().unwrap_or_default()
    }

    /// The changes whose values survive anywhere in the document.
    #[must_use]
    pub fn surviving_changes(&self) -> BTreeSet<ChangeHash> {
        let mut out = BTreeSet::new();
        for item in self.inner.map_range(ROOT, ..) {
            if item.conflict {
                let survivors = self.inner.get_all(ROOT, item.key.as_ref()).unwrap_or_default();
                out.extend(survivors.iter().filter_map(|(_, id)| self.change_of(id)));
            } else {
                out.extend(self.change_of(&item.id()));
            }
        }
        out
    }

    pub(crate) fn change_of(&self, id: &automerge::ObjId) -> Option<ChangeHash> {
        self.inner.hash_for_opid(id).map(|hash| ChangeHash(hash.0))
    }

    /// The seed change that makes a text or counter field; `None` if the field is there.
    pub(crate) fn seed(&self, field: &str, object: Option<ObjType>) -> Option<Change> {
        let there = self.inner.get(ROOT, field).ok().flatten().is_some();
        (!there).then(|| seed_change(&self.key, field, object))
    }
}

/// The deterministic first change of a field: fixed actor, sequence 1, time 0 (D1).
fn seed_change(key: &DocumentKey, field: &str, object: Option<ObjType>) -> Change {
    use automerge::transaction::{CommitOptions, Transactable};
    let mut doc = Automerge::new().with_actor(crate::actor::seed_actor(key, field));
    let mut transaction = doc.transaction();
    let made = match object {
        Some(object) => transaction.put_object(ROOT, field, object).map(|_| ()),
        None => transaction.put(ROOT, field, automerge::ScalarValue::counter(0)),
    };
    made.expect("an empty document takes any root key");
    transaction.commit_with(CommitOptions::default().with_time(0));
    doc.get_last_local_change().expect("the transaction above made a change")
}

pub(crate) fn to_automerge(heads: &[ChangeHash]) -> Vec<automerge::ChangeHash> {
    heads.iter().map(|head| automerge::ChangeHash(head.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadbook_domain::{Facet, RecordId};

    fn key() -> DocumentKey {
        DocumentKey::first(RecordId::from_bytes([1; 16]), Facet::Internal)
    }

    #[test]
    fn seeds_are_the_same_bytes_everywhere() {
        let mut one = Document::new(key());
        let seed = one.seed("visits", None).unwrap();
        let same = Document::new(key()).seed("visits", None).unwrap();
        assert_eq!(seed.raw_bytes(), same.raw_bytes());
        one.apply_changes(vec![seed]).unwrap();
        assert!(one.seed("visits", None).is_none(), "seeded once");
    }

    #[test]
    fn what_came_one_by_one_is_applied_together() {
        let seeds: Vec<Change> = ["one", "two", "three"]
            .iter()
            .map(|field| Document::new(key()).seed(field, None).unwrap())
            .collect();
        let hash = |change: &Change| ChangeHash(change.hash().0);
        let (mut together, mut single) = (Document::new(key()), Document::new(key()));
        let mut arrived = Arrived::default();
        for seed in &seeds {
            together.arrive(&mut arrived, seed.raw_bytes(), hash(seed)).unwrap();
            single.apply(seed.raw_bytes()).unwrap();
        }
        assert!(together.is_empty() && arrived.has(hash(&seeds[0])), "it waits");
        let other = together.arrive(&mut arrived, seeds[0].raw_bytes(), hash(&seeds[1]));
        assert!(matches!(other, Err(DocumentError::OtherChange { .. })));
        assert!(together.catch_up(&mut arrived).is_empty());
        assert_eq!(together.heads(), single.heads());
        assert!(!arrived.has(hash(&seeds[0])), "nothing waits any more");
    }

    #[test]
    fn one_change_at_fault_keeps_no_other_away() {
        let good = Document::new(key()).seed("good", None).unwrap();
        // The same author and number twice: a contradiction.
        let twin = |text: &str| {
            use automerge::transaction::Transactable as _;
            let mut doc = Automerge::new().with_actor(automerge::ActorId::from(&[7; 16]));
            let mut transaction = doc.transaction();
            transaction.put(ROOT, "twin", text).unwrap();
            transaction.commit();
            doc.get_last_local_change().unwrap()
        };
        let (first, second) = (twin("a"), twin("b"));
        let mut document = Document::new(key());
        let mut arrived = Arrived::default();
        for change in [&first, &second, &good] {
            let hash = ChangeHash(change.hash().0);
            document.arrive(&mut arrived, change.raw_bytes(), hash).unwrap();
        }
        let at_fault = document.catch_up(&mut arrived);
        assert_eq!(at_fault.len(), 1);
        assert_eq!(at_fault[0].0, ChangeHash(second.hash().0));
        assert!(document.has(ChangeHash(good.hash().0)));
    }

    #[test]
    fn damaged_bytes_are_an_error_and_leave_the_document_as_it_was() {
        assert!(Document::load(key(), b"nonsense").is_err());
        let mut document = Document::new(key());
        assert!(document.apply(b"nonsense").is_err());
        let seed = document.seed("visits", None).unwrap();
        let good = seed.raw_bytes().to_vec();
        document.apply(&good).unwrap();
        let before = document.save();
        let more = Document::new(key()).seed("other", None).unwrap();
        let half = [more.raw_bytes(), b"rest"].concat();
        assert!(document.apply(&half).is_err(), "a good change, then dirt");
        assert_eq!(document.save(), before);
    }
}
