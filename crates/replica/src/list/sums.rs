//! What lists and boards add up to: counts and money by state, read from projected rows.

use std::collections::BTreeMap;

use roadbook_domain::{Currency, Entity, Money};
use rusqlite::params_from_iter;

use super::{Clause, ListQuery};
use crate::{Replica, StoreError};

/// The sum of a money field over some records.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    /// One amount for each currency; the one that most records have comes first.
    pub amounts: Vec<Money>,
    /// How many of the records are disputed in this field, or in one that it is computed from.
    pub disputed: u64,
}

/// What the records in one state add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Group {
    /// How many there are.
    pub count: u64,
    /// The sums, in the order that was asked for.
    pub sums: Vec<Sum>,
}

/// A sum that is being added up: by currency, how many and how much.
#[derive(Default)]
struct Adding {
    by_currency: BTreeMap<String, (u64, i128)>,
    disputed: u64,
}

impl Adding {
    fn done(self) -> Sum {
        let mut found: Vec<(u64, Money)> = Vec::new();
        for (currency, (count, minor)) in self.by_currency {
            let Ok(currency) = currency.parse::<Currency>() else { continue };
            let most = if minor < 0 { i64::MIN } else { i64::MAX };
            found.push((count, Money::new(i64::try_from(minor).unwrap_or(most), currency)));
        }
        found.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        Sum {
            amounts: found.into_iter().map(|(_, money)| money).collect(),
            disputed: self.disputed,
        }
    }
}

impl Replica {
    /// Counts the records of a query and adds up money fields, whatever its window; by the values
    /// of `by`, or all under the empty text.
    ///
    /// # Errors
    /// [`StoreError::Query`] when a field is not there or holds no money.
    pub fn sums(
        &self,
        query: &ListQuery,
        by: Option<&str>,
        money: &[&str],
    ) -> Result<BTreeMap<String, Group>, StoreError> {
        let mut columns = Vec::new();
        columns.push(match by {
            Some(name) => format!("\"{}\"", self.field(query.entity, name)?.name),
            None => "NULL".to_owned(),
        });
        columns.push("row_disputed".to_owned());
        let mut sources: Vec<Vec<&str>> = Vec::new();
        for name in money {
            let field = self.field(query.entity, name)?;
            if !matches!(field.value_type, roadbook_domain::ValueType::Money) {
                let problem = format!("{}.{name} holds no money, so it has no sum", query.entity);
                return Err(StoreError::Query(problem));
            }
            columns.push(format!("\"{}\", \"{}__currency\"", field.name, field.name));
            sources.push(sources_of(field));
        }
        let Clause { sql, bound } = self.clause(query, super::Way::Direct)?;
        let table = &self.tables.of(query.entity).name;
        let sql = format!("SELECT {} FROM {table}{sql}", columns.join(", "));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params_from_iter(bound))?;
        let mut found: BTreeMap<String, (u64, Vec<Adding>)> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let group = text(row, 0)?.unwrap_or_default();
            if !found.contains_key(group) {
                let empty = money.iter().map(|_| Adding::default()).collect();
                found.insert(group.to_owned(), (0, empty));
            }
            let Some((count, sums)) = found.get_mut(group) else { continue };
            *count += 1;
            let disputed = text(row, 1)?;
            for (place, adding) in sums.iter_mut().enumerate() {
                if let Some(names) = disputed
                    && names.split(',').any(|name| sources[place].contains(&name))
                {
                    adding.disputed += 1;
                }
                let at = 2 + place * 2;
                let minor: Option<i64> = row.get(at)?;
                if let (Some(minor), Some(currency)) = (minor, text(row, at + 1)?) {
                    if !adding.by_currency.contains_key(currency) {
                        adding.by_currency.insert(currency.to_owned(), (0, 0));
                    }
                    if let Some((records, sum)) = adding.by_currency.get_mut(currency) {
                        *records += 1;
                        *sum += i128::from(minor);
                    }
                }
            }
        }
        let groups = found.into_iter().map(|(name, (count, sums))| {
            (name, Group { count, sums: sums.into_iter().map(Adding::done).collect() })
        });
        Ok(groups.collect())
    }

    /// How many live records of a kind there are, those in the trash too.
    ///
    /// # Errors
    /// [`StoreError`] when the database cannot be read.
    pub fn count_all(&self, entity: Entity) -> Result<u64, StoreError> {
        let sql = format!("SELECT count(*) FROM {}", self.tables.of(entity).name);
        Ok(self.connection.prepare_cached(&sql)?.query_row([], |row| row.get(0))?)
    }
}

/// The fields whose dispute makes a money field disputed.
fn sources_of(field: &roadbook_domain::FieldDef) -> Vec<&'static str> {
    use roadbook_domain::schema::Derivation;
    match field.derivation {
        Some(Derivation::Weighted { amount, probability, state }) => {
            vec![field.name, amount, probability, state]
        }
        Some(Derivation::Category { chosen, state }) => vec![field.name, chosen, state],
        None => vec![field.name],
    }
}

fn text<'r>(row: &'r rusqlite::Row<'_>, at: usize) -> Result<Option<&'r str>, StoreError> {
    Ok(row.get_ref(at)?.as_str_or_null().map_err(rusqlite::Error::from)?)
}
