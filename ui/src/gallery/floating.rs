//! Tabs, menus, toasts and dialogs.

use yew::prelude::*;

use crate::components::{
    Button, ButtonKind, Dialog, Icon, Menu, MenuItem, Tab, Tabs, TextField, ToastStack,
};
use crate::state::toasts::{TakeBack, Toast, ToastKind};

pub(super) fn tabs() -> Html {
    let tab = |label: &'static str, count| Tab { value: label.into(), label: label.into(), count };
    let tabs = vec![
        tab("Timeline", None),
        tab("Details", None),
        tab("Quotes", Some(2)),
        tab("History", Some(1_240)),
    ];
    html! {
        <Tabs id="parts" name="Parts of the record" {tabs} open="Details">
            <p class="quiet">{ "What is behind the open tab." }</p>
        </Tabs>
    }
}

pub(super) fn menu() -> Html {
    let items = vec![
        MenuItem::new("Edit", Callback::noop()).icon(Icon::Edit).keys("e"),
        MenuItem::new("Move to the next stage", Callback::noop()).icon(Icon::Next).keys("]"),
        MenuItem::new("Smallest first", Callback::noop()).chosen(),
        MenuItem::new("Put into the trash", Callback::noop()).icon(Icon::Trash),
    ];
    html! {
        <div class="gallery-menu">
            <Menu name="Actions" items={items.clone()} />
            <Menu name="Sorting" label="Sort" items={items.clone()} />
            <Menu name="Open menu" {items} open=true />
        </div>
    }
}

pub(super) fn toasts() -> Html {
    let toasts = vec![
        Toast {
            id: 1,
            kind: ToastKind::Done,
            text: "Visit at Acme Logistics logged".into(),
            undo: Some(TakeBack::Undo("0f3a".into())),
        },
        Toast {
            id: 2,
            kind: ToastKind::Problem,
            text: "Amount: `a lot` is not an amount of money; write it like 12000EUR.".into(),
            undo: None,
        },
    ];
    html! { <div class="gallery-toasts"><ToastStack {toasts} /></div> }
}

/// A dialog that opens from a button.
#[function_component]
pub(super) fn DialogExhibit() -> Html {
    let open = use_state(|| false);
    let set = |to: bool| {
        let open = open.setter();
        Callback::from(move |()| open.set(to))
    };
    let actions = html! {
        <>
            <Button label="Leave it" on_press={set(false)} />
            <Button label="Export and sign out" kind={ButtonKind::Primary} on_press={set(false)} />
        </>
    };
    html! {
        <>
            <Button label="Open the dialog" on_press={set(true)} />
            if *open {
                <Dialog title="3 things are not at the server yet" on_close={set(false)} {actions}>
                    <div class="stack">
                        <p>{ "Signing out removes them from this device. Export them first." }</p>
                        <TextField
                            id="g-pass" label="Passphrase of the file" kind="password" value=""
                        />
                    </div>
                </Dialog>
            }
        </>
    }
}
