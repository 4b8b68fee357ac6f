//! The directory part of an import: which users, teams and territories shall exist.

use std::collections::HashSet;

use roadbook_api::views::{ImportedKind, RejectedRow};
use roadbook_replica::{DirectoryEntry, DirectoryRequest};

use super::mapping::{Directory, Entry, Mapping};
use super::rows::Tables;
use super::template::Cells;

/// Who a row is about, as external ids; absent where the row does not say.
#[derive(Default)]
struct RowIds {
    territory: Option<String>,
    lead: Option<String>,
    team: Option<String>,
}

/// What the directory sections of a mapping ask for, each entry once.
pub(crate) fn request(
    mapping: &Mapping,
    tables: &Tables,
    rejected: &mut Vec<RejectedRow>,
) -> DirectoryRequest {
    let mut request = DirectoryRequest::default();
    for section in &mapping.directory {
        let table = tables.of(&section.file);
        for line in &table.lines {
            match &line.cells {
                Ok(cells) => one_row(mapping, section, cells, &mut request),
                Err(problem) => rejected.push(RejectedRow {
                    file: table.file.clone(),
                    line: line.number,
                    column: String::new(),
                    given: String::new(),
                    reason: format!("the line {problem}"),
                    remedy: "mend the file".to_owned(),
                }),
            }
        }
    }
    request
}

fn one_row(mapping: &Mapping, section: &Directory, cells: &Cells, request: &mut DirectoryRequest) {
    let id = |entry: &Option<Entry>| {
        entry.as_ref().and_then(|entry| entry.key.key(cells)).map(|key| mapping.external_id(&key))
    };
    let ids = RowIds {
        territory: id(&section.territory),
        lead: id(&section.lead),
        team: id(&section.team),
    };
    let entry =
        |entry: &Option<Entry>, external_id: &Option<String>, belongs_to: &Option<String>| {
            let (entry, external_id) = (entry.as_ref()?, external_id.clone()?);
            Some(DirectoryEntry {
                external_id,
                name: entry.name.fill(cells),
                belongs_to: belongs_to.clone(),
                teams: Vec::new(),
            })
        };
    add(&mut request.territories, entry(&section.territory, &ids.territory, &None));
    add(&mut request.teams, entry(&section.team, &ids.team, &ids.lead));
    add(&mut request.users, entry(&section.lead, &ids.lead, &ids.territory));
    let member = entry(&section.member, &id(&section.member), &ids.territory);
    let member = member
        .map(|member| DirectoryEntry { teams: ids.team.clone().into_iter().collect(), ..member });
    add(&mut request.users, member);
}

/// Adds an entry, or fills in what an earlier one of the same id left open.
fn add(entries: &mut Vec<DirectoryEntry>, entry: Option<DirectoryEntry>) {
    let Some(entry) = entry else { return };
    let known = entries.iter_mut().find(|known| known.external_id == entry.external_id);
    let Some(known) = known else {
        entries.push(entry);
        return;
    };
    if known.belongs_to.is_none() {
        known.belongs_to = entry.belongs_to;
    }
    for team in entry.teams {
        if !known.teams.contains(&team) {
            known.teams.push(team);
        }
    }
}

/// What the directory part did, for the report.
pub(crate) fn kinds(
    mapping: &Mapping,
    request: &DirectoryRequest,
    known: &HashSet<String>,
) -> Vec<ImportedKind> {
    let mut files: Vec<&str> = mapping.directory.iter().map(|d| d.file.as_str()).collect();
    files.dedup();
    let lists = [
        ("territories", &request.territories),
        ("teams", &request.teams),
        ("users", &request.users),
    ];
    let kind = |(section, entries): (&str, &Vec<DirectoryEntry>)| {
        let rows = entries.len() as u64;
        let unchanged = entries.iter().filter(|entry| known.contains(&entry.external_id)).count();
        ImportedKind {
            section: section.to_owned(),
            file: files.join(", "),
            rows,
            created: rows - unchanged as u64,
            changed: 0,
            unchanged: unchanged as u64,
            rejected: 0,
        }
    };
    lists.into_iter().filter(|(_, entries)| !entries.is_empty()).map(kind).collect()
}
