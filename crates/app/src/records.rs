//! From projected rows to the views that faces show, references named.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use roadbook_api::ValueView;
use roadbook_api::views::{FieldView, Mark, NamedValue, RecordLink, RecordView};
use roadbook_domain::{Entity, MergeClass, RecordId, Value};
use roadbook_replica::{Replica, Row, SyncMark};

use crate::errors::{self, ApiResult};
use crate::lookup;

/// Names of records, each looked up once.
pub(crate) struct Names<'a> {
    pub(crate) replica: &'a Replica,
    known: RefCell<HashMap<RecordId, Option<(Entity, String)>>>,
}

impl<'a> Names<'a> {
    pub(crate) fn new(replica: &'a Replica) -> Self {
        Self { replica, known: RefCell::new(HashMap::new()) }
    }

    /// The kind and name of a record that is on this device.
    pub(crate) fn of(&self, id: RecordId) -> ApiResult<Option<(Entity, String)>> {
        if let Some(known) = self.known.borrow().get(&id) {
            return Ok(known.clone());
        }
        let found = lookup::row(self.replica, id)?;
        let found = found.map(|row| (row.entity, lookup::title(self.replica, &row)));
        self.known.borrow_mut().insert(id, found.clone());
        Ok(found)
    }

    /// A record, named; `entity` where it is not on this device.
    pub(crate) fn link(&self, record: RecordId, entity: Entity) -> ApiResult<RecordLink> {
        let title = self.of(record)?.map(|(_, title)| title).unwrap_or_default();
        Ok(RecordLink { record, entity, title })
    }

    /// A value with its text.
    pub(crate) fn value(&self, value: &Value) -> ApiResult<NamedValue> {
        let mut named = NamedValue::plain(value);
        if let Value::Reference(id) = value
            && let Some((_, title)) = self.of(*id)?
            && !title.is_empty()
        {
            named.text = title;
        }
        Ok(named)
    }

    /// A user's name; the id where it is not known here.
    pub(crate) fn who(&self, user: roadbook_domain::UserId) -> ApiResult<String> {
        let named = self.of(user.into())?.map(|(_, title)| title);
        Ok(named.filter(|name| !name.is_empty()).unwrap_or_else(|| user.to_string()))
    }
}

/// The fields of records that wait to be sent.
pub(crate) struct Unsent(HashMap<RecordId, BTreeSet<String>>);

impl Unsent {
    pub(crate) fn of(replica: &Replica) -> ApiResult<Self> {
        let mut fields: HashMap<RecordId, BTreeSet<String>> = HashMap::new();
        for intent in replica.pending().map_err(|error| errors::of_store(&error))? {
            for part in &intent.parts {
                let names = part.operations.iter().flat_map(|operation| operation.fields());
                let record = fields.entry(part.document.record).or_default();
                record.extend(names.map(str::to_owned));
            }
        }
        Ok(Self(fields))
    }

    fn has(&self, record: RecordId, field: &str) -> bool {
        self.0.get(&record).is_some_and(|fields| fields.contains(field))
    }
}

/// A record as faces show it.
pub(crate) fn view(names: &Names<'_>, unsent: &Unsent, row: &Row) -> ApiResult<RecordView> {
    let schema = names.replica.schema();
    let mut fields = BTreeMap::new();
    for (name, value) in &row.values {
        let class = schema.field(row.entity, name).map(|def| def.class);
        let mark = match (unsent.has(row.record, name), class) {
            (false, _) => Mark::Accepted,
            (true, Some(MergeClass::Confirmed)) => Mark::Proposed,
            (true, _) => Mark::Pending,
        };
        let named = names.value(value)?;
        let field = FieldView {
            value: named.value,
            text: named.text,
            disputed: row.is_disputed(name),
            mark,
        };
        fields.insert((*name).to_owned(), field);
    }
    for name in &row.disputed {
        fields.entry((*name).to_owned()).or_insert_with(|| FieldView {
            value: ValueView::Null,
            text: Value::Null.to_string(),
            disputed: true,
            mark: Mark::Accepted,
        });
    }
    Ok(RecordView {
        record: row.record,
        entity: row.entity,
        title: lookup::title(names.replica, row),
        deleted: !row.alive,
        pending: row.sync == SyncMark::Saved,
        disputed: !row.disputed.is_empty(),
        updated_ms: row.updated.millis(),
        fields,
    })
}
