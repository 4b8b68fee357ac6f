//! From projected rows to the views that faces show, references named.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::rc::Rc;

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
        let named = self.of(user.into())?.map(|(_, title)| title).filter(|name| !name.is_empty());
        // Before the first sync the directory is not here, but the device knows its own user.
        let own = || {
            let enrolment = self.replica.enrolment().filter(|enrolment| enrolment.user == user);
            enrolment.map(|enrolment| enrolment.user_name.clone())
        };
        Ok(named.or_else(own).unwrap_or_else(|| user.to_string()))
    }
}

/// The fields of records that wait to be sent, each record looked at once; and those of which a
/// change was denied.
pub(crate) struct Unsent<'a> {
    replica: &'a Replica,
    known: RefCell<HashMap<RecordId, Rc<BTreeSet<String>>>>,
    denied: OnceCell<HashMap<RecordId, BTreeSet<String>>>,
}

impl<'a> Unsent<'a> {
    pub(crate) fn new(replica: &'a Replica) -> Self {
        Self { replica, known: RefCell::default(), denied: OnceCell::new() }
    }

    /// Whether a change of a field was denied and waits in the drawer.
    fn needs_you(&self, record: RecordId, field: &str) -> ApiResult<bool> {
        let denied = match self.denied.get() {
            Some(denied) => denied,
            None => {
                let mut denied: HashMap<RecordId, BTreeSet<String>> = HashMap::new();
                let drawer = self.replica.needs_you().map_err(|error| errors::of_store(&error))?;
                for part in drawer.iter().flat_map(|item| &item.parts) {
                    let fields = part.operations.iter().flat_map(|operation| operation.fields());
                    let known = denied.entry(part.document.record).or_default();
                    known.extend(fields.into_iter().map(|field| field.to_string()));
                }
                self.denied.get_or_init(|| denied)
            }
        };
        Ok(denied.get(&record).is_some_and(|fields| fields.contains(field)))
    }

    /// The fields of a record that something waits for.
    fn of(&self, row: &Row) -> ApiResult<Rc<BTreeSet<String>>> {
        if row.sync == SyncMark::Confirmed {
            return Ok(Rc::default());
        }
        if let Some(known) = self.known.borrow().get(&row.record) {
            return Ok(Rc::clone(known));
        }
        let parts =
            self.replica.unconfirmed(row.record).map_err(|error| errors::of_store(&error))?;
        let operations = parts.iter().flat_map(|part| &part.operations);
        let fields: BTreeSet<String> =
            operations.flat_map(|operation| operation.fields()).map(str::to_owned).collect();
        let fields = Rc::new(fields);
        self.known.borrow_mut().insert(row.record, Rc::clone(&fields));
        Ok(fields)
    }
}

/// A record as faces show it.
pub(crate) fn view(names: &Names<'_>, unsent: &Unsent<'_>, row: &Row) -> ApiResult<RecordView> {
    view_of(names, unsent, row, &[])
}

/// A record with some of its fields; all where none are named.
pub(crate) fn view_of(
    names: &Names<'_>,
    unsent: &Unsent<'_>,
    row: &Row,
    wanted: &[String],
) -> ApiResult<RecordView> {
    let schema = names.replica.schema();
    let wants = |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name);
    let waits = unsent.of(row)?;
    let mut fields = BTreeMap::new();
    for (name, value) in row.values.iter().filter(|(name, _)| wants(name)) {
        let class = schema.field(row.entity, name).map(|def| def.class);
        let mark = match (waits.contains(*name), class) {
            (false, _) if unsent.needs_you(row.record, name)? => Mark::NeedsYou,
            (false, _) => Mark::Accepted,
            (true, Some(MergeClass::Confirmed)) => Mark::Proposed,
            (true, _) => Mark::Pending,
        };
        let named = names.value(value)?;
        let field = FieldView {
            value: named.value,
            text: named.text,
            disputed: row.is_disputed(name),
            sides: sides(names.replica, row, name)?,
            mark,
        };
        fields.insert((*name).to_owned(), field);
    }
    for name in row.disputed.iter().filter(|name| wants(name)) {
        if fields.contains_key(*name) {
            continue;
        }
        let field = FieldView {
            value: ValueView::Null,
            text: Value::Null.to_string(),
            disputed: true,
            sides: sides(names.replica, row, name)?,
            mark: Mark::Accepted,
        };
        fields.insert((*name).to_owned(), field);
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

/// How many values a field is disputed between; 0 where it is not disputed.
fn sides(replica: &Replica, row: &Row, field: &str) -> ApiResult<u32> {
    if !row.is_disputed(field) {
        return Ok(0);
    }
    let open = replica.conflict(row.record, field).map_err(|error| errors::of_store(&error))?;
    Ok(open.map_or(0, |conflict| u32::try_from(conflict.sides.len()).unwrap_or(u32::MAX)))
}
