//! The mapping file: how the tables of another system become records (`mappings/README.md`).
//!
//! Read and checked as a whole before any data is: unknown keys, fields and templates are errors
//! of the mapping, not of a row.

use std::collections::BTreeMap;

use roadbook_domain::{Currency, Entity, Schema};
use serde::Deserialize;

use super::template::{InvalidTemplate, Template};

/// The mappings that Roadbook brings along, by name.
const SHIPPED: [(&str, &str); 1] = [("crm-export", include_str!("../../mappings/crm-export.toml"))];

/// A mapping that cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MappingError {
    /// There is no such file, and no mapping of this name.
    #[error("cannot read the mapping {path}: {source}; mappings that come along: crm-export")]
    File {
        /// What was named.
        path: String,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// It is no TOML of this form.
    #[error("the mapping cannot be read: {0}")]
    Form(#[from] Box<toml::de::Error>),
    /// It is of another version.
    #[error("the mapping has format {0}; this program reads format 1")]
    Version(u32),
    /// A section names something that there is not.
    #[error("section `{section}` of the mapping: {problem}")]
    Section {
        /// The section.
        section: String,
        /// What is wrong.
        problem: String,
    },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMapping {
    format: u32,
    system: String,
    #[serde(default)]
    lookups: Vec<RawLookup>,
    #[serde(default)]
    directory: Vec<RawDirectory>,
    #[serde(default)]
    records: Vec<RawRecords>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLookup {
    column: String,
    file: String,
    r#match: String,
    value: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDirectory {
    section: String,
    file: String,
    territory: Option<RawEntry>,
    lead: Option<RawEntry>,
    team: Option<RawEntry>,
    member: Option<RawEntry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    key: String,
    name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRecords {
    section: String,
    entity: String,
    file: String,
    key: String,
    #[serde(default)]
    look_up: BTreeMap<String, String>,
    #[serde(default)]
    clean: BTreeMap<String, BTreeMap<String, String>>,
    fields: BTreeMap<String, RawField>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum RawField {
    Template(String),
    Full(RawFull),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFull {
    from: String,
    words: Option<BTreeMap<String, String>>,
    currency: Option<String>,
    times: Option<u32>,
    #[serde(default)]
    find: bool,
}

/// A checked mapping.
#[derive(Debug)]
pub(crate) struct Mapping {
    pub(crate) system: String,
    pub(crate) lookups: Vec<Lookup>,
    pub(crate) directory: Vec<Directory>,
    pub(crate) records: Vec<Records>,
}

/// A column that another table gives.
#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) column: String,
    pub(crate) file: String,
    pub(crate) matching: Template,
    pub(crate) value: Template,
}

/// Users, teams and territories from a table.
#[derive(Debug)]
pub(crate) struct Directory {
    pub(crate) file: String,
    pub(crate) territory: Option<Entry>,
    pub(crate) lead: Option<Entry>,
    pub(crate) team: Option<Entry>,
    pub(crate) member: Option<Entry>,
}

impl Directory {
    /// The columns that it reads.
    pub(crate) fn columns(&self) -> Vec<&str> {
        let entries = [&self.territory, &self.lead, &self.team, &self.member];
        entries
            .into_iter()
            .flatten()
            .flat_map(|entry| [entry.key.columns(), entry.name.columns()].concat())
            .collect()
    }
}

/// One kind of entry of the directory.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: Template,
    pub(crate) name: Template,
}

/// Records of one kind from a table.
#[derive(Debug)]
pub(crate) struct Records {
    pub(crate) section: String,
    pub(crate) entity: Entity,
    pub(crate) file: String,
    pub(crate) key: Template,
    pub(crate) look_up: Vec<(String, Template)>,
    pub(crate) clean: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) fields: Vec<Field>,
}

impl Records {
    /// The columns that it reads, those that lookups add included.
    pub(crate) fn columns(&self) -> Vec<&str> {
        let mut out = self.key.columns();
        out.extend(self.look_up.iter().flat_map(|(_, template)| template.columns()));
        out.extend(self.clean.keys().map(String::as_str));
        out.extend(self.fields.iter().flat_map(|field| field.from.columns()));
        out
    }
}

/// How one field is filled.
#[derive(Debug)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) from: Template,
    pub(crate) form: Form,
}

/// What the filled template of a field is.
#[derive(Debug)]
pub(crate) enum Form {
    /// The value as people write it.
    Plain,
    /// A word to be replaced.
    Words(BTreeMap<String, String>),
    /// A number of a currency, to be multiplied.
    Amount { currency: Currency, times: u32 },
    /// The key of a record of this system.
    Find,
}

impl Mapping {
    /// Reads the mapping of a name or a file.
    pub(crate) fn open(named: &str, schema: &Schema) -> Result<Self, MappingError> {
        if let Some((_, text)) = SHIPPED.iter().find(|(name, _)| *name == named) {
            return Self::parse(text, schema);
        }
        let text = std::fs::read_to_string(named)
            .map_err(|source| MappingError::File { path: named.to_owned(), source })?;
        Self::parse(&text, schema)
    }

    /// Reads a mapping.
    pub(crate) fn parse(text: &str, schema: &Schema) -> Result<Self, MappingError> {
        let raw: RawMapping = toml::from_str(text).map_err(Box::new)?;
        if raw.format != 1 {
            return Err(MappingError::Version(raw.format));
        }
        if raw.system.is_empty() || raw.system.contains([':', '/', '%']) {
            let problem = format!("`{}` cannot be the name of a system", raw.system);
            return Err(MappingError::Section { section: "system".to_owned(), problem });
        }
        let lookups: Result<Vec<_>, _> = raw.lookups.into_iter().map(lookup).collect();
        let lookups = lookups?;
        let directory = raw.directory.into_iter().map(directory);
        let directory: Result<Vec<_>, _> = directory.collect();
        let records: Result<Vec<_>, _> =
            raw.records.into_iter().map(|raw| records(raw, schema, &lookups)).collect();
        Ok(Self { system: raw.system, directory: directory?, records: records?, lookups })
    }

    /// The external id of a key.
    pub(crate) fn external_id(&self, key: &str) -> String {
        format!("{}:{key}", self.system)
    }
}

fn wrong(section: &str, problem: impl Into<String>) -> MappingError {
    MappingError::Section { section: section.to_owned(), problem: problem.into() }
}

fn template(section: &str, text: &str) -> Result<Template, MappingError> {
    Template::parse(text).map_err(|error: InvalidTemplate| wrong(section, error.to_string()))
}

fn lookup(raw: RawLookup) -> Result<Lookup, MappingError> {
    Ok(Lookup {
        matching: template("lookups", &raw.r#match)?,
        value: template("lookups", &raw.value)?,
        column: raw.column,
        file: raw.file,
    })
}

fn directory(raw: RawDirectory) -> Result<Directory, MappingError> {
    let section = raw.section;
    let entry = |raw: Option<RawEntry>| {
        raw.map(|raw| {
            Ok::<_, MappingError>(Entry {
                key: template(&section, &raw.key)?,
                name: template(&section, &raw.name)?,
            })
        })
        .transpose()
    };
    let (territory, lead) = (entry(raw.territory)?, entry(raw.lead)?);
    let (team, member) = (entry(raw.team)?, entry(raw.member)?);
    Ok(Directory { territory, lead, team, member, file: raw.file })
}

fn records(raw: RawRecords, schema: &Schema, lookups: &[Lookup]) -> Result<Records, MappingError> {
    let section = raw.section;
    let entity: Entity =
        raw.entity.parse().map_err(|error: roadbook_domain::entity::UnknownEntity| {
            wrong(&section, error.to_string())
        })?;
    if schema.entity(entity).server_written {
        return Err(wrong(&section, format!("a {entity} belongs into a [[directory]] section")));
    }
    let mut look_up = Vec::new();
    for (column, matching) in &raw.look_up {
        if !lookups.iter().any(|lookup| lookup.column == *column) {
            return Err(wrong(&section, format!("there is no lookup of column `{column}`")));
        }
        look_up.push((column.clone(), template(&section, matching)?));
    }
    let mut fields = Vec::new();
    for (name, raw) in raw.fields {
        if schema.field(entity, &name).is_none() {
            return Err(wrong(&section, format!("a {entity} has no field `{name}`")));
        }
        fields.push(field(&section, name, raw)?);
    }
    Ok(Records {
        key: template(&section, &raw.key)?,
        entity,
        file: raw.file,
        look_up,
        clean: raw.clean,
        fields,
        section,
    })
}

fn field(section: &str, name: String, raw: RawField) -> Result<Field, MappingError> {
    let raw = match raw {
        RawField::Template(text) => {
            let from = template(section, &text)?;
            return Ok(Field { name, from, form: Form::Plain });
        }
        RawField::Full(raw) => raw,
    };
    let from = template(section, &raw.from)?;
    let form = match (raw.words, raw.currency, raw.times, raw.find) {
        (Some(words), None, None, false) => Form::Words(words),
        (None, Some(currency), times, false) => Form::Amount {
            currency: currency
                .parse()
                .map_err(|_| wrong(section, format!("`{currency}` is no currency")))?,
            times: times.unwrap_or(1),
        },
        (None, None, None, true) => Form::Find,
        (None, None, None, false) => Form::Plain,
        _ => {
            let problem = format!("`{name}` has more than one of words, currency and find");
            return Err(wrong(section, problem));
        }
    };
    Ok(Field { name, from, form })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        Mapping::parse(text, &Schema::crm()).unwrap_err().to_string()
    }

    #[test]
    fn shipped_mappings_can_be_read() {
        for (name, _) in SHIPPED {
            let mapping = Mapping::open(name, &Schema::crm()).expect(name);
            assert_eq!(mapping.external_id("1C1I7A6R"), "crm:1C1I7A6R");
            assert_eq!(mapping.records.len(), 3);
        }
    }

    #[test]
    fn a_mapping_that_cannot_be_used_says_where() {
        let head = "format = 1\nsystem = \"crm\"\n";
        let records = |rest: &str| {
            let section = "[[records]]\nsection = \"a\"\nfile = \"a.csv\"\nkey = \"{id}\"\n";
            problem(&format!("{head}{section}{rest}"))
        };
        assert!(problem("format = 2\nsystem = \"a\"").contains("format 2"));
        assert!(problem("format = 1\nsystem = \"a:b\"").contains("cannot be the name"));
        assert!(problem(&format!("{head}colour = 1")).contains("colour"));
        let unknown = records("entity = \"account\"\n[records.fields]\ncolour = \"{c}\"\n");
        assert!(unknown.contains("section `a`") && unknown.contains("no field `colour`"));
        let user = records("entity = \"user\"\n[records.fields]\nname = \"{c}\"\n");
        assert!(user.contains("[[directory]]"), "{user}");
        let brace = records("entity = \"account\"\n[records.fields]\nname = \"{c\"\n");
        assert!(brace.contains('{'), "{brace}");
        let lookup = records("entity = \"account\"\nlook_up = { x = \"{c}\" }\n[records.fields]\n");
        assert!(lookup.contains("no lookup of column `x`"), "{lookup}");
        let both = "entity = \"account\"\n[records.fields]\n\
                    revenue = { from = \"{c}\", currency = \"USD\", find = true }\n";
        assert!(records(both).contains("more than one"));
        let file = Mapping::open("no-such-mapping", &Schema::crm()).unwrap_err().to_string();
        assert!(file.contains("crm-export"), "{file}");
    }
}
