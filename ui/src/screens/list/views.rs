//! Views of a list or a board that a person keeps under a name.

use roadbook_api::commands::pages::{ListViews, RemoveView, SaveView};
use roadbook_api::views::{Layout, SavedView};
use roadbook_domain::Entity;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::components::{Button, ButtonKind, Dialog, TextField};
use crate::context::{Watch, use_bridge, use_draft, use_query, use_session, use_toast};
use crate::screens::value::capital;
use crate::state::grid::Sort;
use crate::state::listing::{Listing, NamedListing};

/// The saved views of a kind, and what can be done with them.
pub(crate) struct Views {
    /// Them.
    pub(crate) saved: Vec<NamedListing>,
    /// Saves what is shown under a name.
    pub(crate) save: Callback<(String, Listing)>,
    /// Removes the one of that name.
    pub(crate) remove: Callback<String>,
}

/// The saved views of a kind, as lists or as boards.
#[hook]
pub(crate) fn use_views(entity: Entity, layout: Layout) -> Views {
    let (bridge, say) = (use_bridge(), use_toast());
    let typed = use_draft(NAME, AttrValue::default);
    let found =
        use_query(Some(ListViews { entity: Some(entity.name().to_owned()) }), Watch::Nothing);
    let reload = found.reload.clone();
    let save = {
        let (bridge, say, reload) = (bridge.clone(), say.clone(), reload.clone());
        Callback::from(move |(name, listing): (String, Listing)| {
            let (bridge, say, reload) = (bridge.clone(), say.clone(), reload.clone());
            let typed = typed.clone();
            spawn_local(async move {
                let Some(bridge) = bridge else {
                    return;
                };
                let command = SaveView {
                    entity: entity.name().to_owned(),
                    name: name.clone(),
                    filters: listing.filters,
                    finished: listing.finished,
                    order: listing.sort.as_ref().map(Sort::order),
                    fields: Vec::new(),
                    layout,
                };
                match bridge.write(command).await {
                    Ok(_) => say.done(format!("View “{name}” saved"), None),
                    Err(error) => {
                        say.problem(capital(&error.message));
                        typed.keep(name.into());
                    }
                }
                reload.emit(());
            });
        })
    };
    let remove = Callback::from(move |name: String| {
        let (bridge, say, reload) = (bridge.clone(), say.clone(), reload.clone());
        spawn_local(async move {
            let Some(bridge) = bridge else {
                return;
            };
            let command = RemoveView { entity: entity.name().to_owned(), name: name.clone() };
            match bridge.write(command).await {
                Ok(_) => say.done(format!("View “{name}” removed"), None),
                Err(error) => say.problem(capital(&error.message)),
            }
            reload.emit(());
        });
    });
    let saved = found
        .data
        .as_ref()
        .map(|list| list.iter().filter(|view| view.layout == layout).map(named).collect());
    Views { saved: saved.unwrap_or_default(), save, remove }
}

fn named(view: &SavedView) -> (String, Listing) {
    (view.name.clone(), view.into())
}

/// The dialog in which a view gets its name.
#[derive(Properties, PartialEq)]
pub(crate) struct SaveDialogProps {
    /// A name was given.
    pub(crate) on_save: Callback<String>,
    /// It closes.
    pub(crate) on_close: Callback<()>,
}

/// The draft of the name of a view.
const NAME: &str = "view";

const KEPT_ON_A_DEVICE: &str = "Filters and order are kept under this name, on this device.";
const KEPT_AT_THE_SERVER: &str =
    "Filters and order are kept under this name, for you in a browser.";

/// The dialog in which a view gets its name.
#[function_component]
pub(crate) fn SaveDialog(props: &SaveDialogProps) -> Html {
    let name = use_draft(NAME, AttrValue::default);
    let is_hosted = use_session().is_hosted();
    let save = {
        let (on_save, name) = (props.on_save.clone(), name.clone());
        Callback::from(move |()| {
            if !name.trim().is_empty() {
                name.forget();
                on_save.emit(name.trim().to_owned());
            }
        })
    };
    let submit = {
        let save = save.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            save.emit(());
        })
    };
    let actions = html! {
        <Button
            label="Save view" kind={ButtonKind::Primary} disabled={name.trim().is_empty()}
            on_press={save}
        />
    };
    let on_change = {
        let name = name.clone();
        Callback::from(move |text| name.set(text))
    };
    let kept = if is_hosted { KEPT_AT_THE_SERVER } else { KEPT_ON_A_DEVICE };
    html! {
        <Dialog title="Save view" on_close={props.on_close.clone()} {actions}>
            <form class="form" onsubmit={submit}>
                <TextField
                    id="view-name" label="Name" value={(*name).clone()} required=true
                    hint={kept} {on_change}
                />
            </form>
        </Dialog>
    }
}
