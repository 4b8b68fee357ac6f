//! Saved views of lists: of this device alone, or of a browser's user, for whom the server keeps
//! them.

use roadbook_api::commands::pages::{ListViews, RemoveView, SaveView};
use roadbook_api::commands::queries::{Finished, ListRecords};
use roadbook_api::views::{Layout, SavedView};
use roadbook_domain::Entity;
use roadbook_replica::Replica;
use serde::{Deserialize, Serialize};

use crate::errors::{self, ApiResult, bad_input, not_found};
use crate::{App, Run, assign, queries};

/// A view's name has at most so many characters.
const NAME_MAX: usize = 60;

/// What is stored of a view. Fields are added with a default, so that older views stay readable.
#[derive(Debug, Serialize, Deserialize)]
struct Body {
    filters: Vec<String>,
    finished: Finished,
    order: Option<String>,
    fields: Vec<String>,
    layout: Layout,
}

impl Run<ListViews> for App {
    fn run(&self, command: ListViews) -> ApiResult<Vec<SavedView>> {
        let entity = command.entity.as_deref().map(errors::entity).transpose()?;
        self.with(|replica| views(replica, entity))
    }
}

impl Run<SaveView> for App {
    fn run(&self, command: SaveView) -> ApiResult<Vec<SavedView>> {
        self.with(|replica| {
            let entity = errors::entity(&command.entity)?;
            let name = name(&command.name)?;
            // A view that cannot be shown is not saved.
            let list = ListRecords {
                filters: command.filters.clone(),
                finished: command.finished,
                order: command.order.clone(),
                ..ListRecords::newest(command.entity.clone(), 1)
            };
            queries::query(replica, &list)?;
            for field in &command.fields {
                assign::field(replica.schema(), entity, field)?;
            }
            let body = Body {
                filters: command.filters,
                finished: command.finished,
                order: command.order,
                fields: command.fields,
                layout: command.layout,
            };
            let body = serde_json::to_string(&body)
                .map_err(|_| bad_input("name", "cannot be written", "use plain text"))?;
            let view = roadbook_replica::SavedView { entity, name, body };
            replica.save_view(&view).map_err(|error| errors::of_store(&error))?;
            views(replica, Some(entity))
        })
    }
}

impl Run<RemoveView> for App {
    fn run(&self, command: RemoveView) -> ApiResult<Vec<SavedView>> {
        self.with(|replica| {
            let entity = errors::entity(&command.entity)?;
            let name = name(&command.name)?;
            let removed =
                replica.remove_view(entity, &name).map_err(|error| errors::of_store(&error))?;
            if removed { views(replica, Some(entity)) } else { Err(not_found("view", &name)) }
        })
    }
}

/// A view as the server keeps it for a browser's user.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    entity: String,
    name: String,
    body: String,
}

impl App {
    /// How many views there are, and all of them as they are kept elsewhere.
    pub(crate) fn views_to_keep(&self) -> ApiResult<(usize, Vec<u8>)> {
        let saved = self.with(|replica| replica.saved_views());
        let saved = saved.map_err(|error| errors::of_store(&error))?;
        let kept = saved.into_iter().map(|view| Kept {
            entity: view.entity.name().to_owned(),
            name: view.name,
            body: view.body,
        });
        let kept: Vec<Kept> = kept.collect();
        let bytes = serde_json::to_vec(&kept)
            .map_err(|_| bad_input("name", "cannot be written", "use plain text"))?;
        Ok((kept.len(), bytes))
    }

    /// Takes the views that are kept elsewhere in place of those that are here. What cannot be read
    /// counts as none: nobody can mend it from here.
    pub(crate) fn take_views_in(&self, kept: &[u8]) -> ApiResult<()> {
        let kept: Vec<Kept> = match serde_json::from_slice(kept) {
            Ok(kept) => kept,
            Err(_) if kept.is_empty() => Vec::new(),
            Err(error) => {
                tracing::warn!("saved views are of no known form and count as none: {error}");
                Vec::new()
            }
        };
        self.with(|replica| {
            for view in replica.saved_views()? {
                replica.remove_view(view.entity, &view.name)?;
            }
            for Kept { entity, name, body } in kept {
                if let Ok(entity) = errors::entity(&entity) {
                    replica.save_view(&roadbook_replica::SavedView { entity, name, body })?;
                }
            }
            Ok(())
        })
        .map_err(|error: roadbook_replica::StoreError| errors::of_store(&error))
    }
}

fn name(text: &str) -> ApiResult<String> {
    let name = text.trim();
    if name.is_empty() {
        return Err(bad_input("name", "is empty", "give the view a name"));
    }
    if name.chars().count() > NAME_MAX {
        let remedy = format!("use at most {NAME_MAX} characters");
        return Err(bad_input("name", "is too long", &remedy));
    }
    Ok(name.to_owned())
}

fn views(replica: &Replica, entity: Option<Entity>) -> ApiResult<Vec<SavedView>> {
    let saved = replica.saved_views().map_err(|error| errors::of_store(&error))?;
    let mut out = Vec::new();
    for view in saved.into_iter().filter(|view| entity.is_none_or(|entity| view.entity == entity)) {
        // A view that another version wrote and this one cannot read waits for that version.
        let Ok(body) = serde_json::from_str::<Body>(&view.body) else { continue };
        out.push(SavedView {
            entity: view.entity,
            name: view.name,
            filters: body.filters,
            finished: body.finished,
            order: body.order,
            fields: body.fields,
            layout: body.layout,
        });
    }
    Ok(out)
}
