//! The toasts: what was just done, with its undo; what went wrong, until it is closed.

use gloo_timers::callback::Timeout;
use yew::prelude::*;

use super::button::{Button, ButtonKind, IconButton};
use super::icon::{Glyph, Icon};
use crate::state::toasts::{STAYS_MS, TakeBack, Toast, ToastKind};

/// The toasts.
#[derive(Properties, PartialEq)]
pub struct ToastStackProps {
    /// Those that are shown, oldest first.
    pub toasts: Vec<Toast>,
    /// One is closed, by hand or by time.
    #[prop_or_default]
    pub on_close: Callback<u32>,
    /// An undo was pressed.
    #[prop_or_default]
    pub on_undo: Callback<TakeBack>,
}

/// The toasts, in a region that screen readers read out when one comes.
#[function_component]
pub fn ToastStack(props: &ToastStackProps) -> Html {
    html! {
        <div class="toasts" role="status" aria-live="polite">
            <div>
                { for props.toasts.iter().map(|toast| html! {
                    <OneToast
                        key={toast.id} toast={toast.clone()} on_close={props.on_close.clone()}
                        on_undo={props.on_undo.clone()}
                    />
                }) }
            </div>
        </div>
    }
}

/// One toast.
#[derive(Properties, PartialEq)]
struct OneToastProps {
    toast: Toast,
    on_close: Callback<u32>,
    on_undo: Callback<TakeBack>,
}

#[function_component]
fn OneToast(props: &OneToastProps) -> Html {
    let toast = &props.toast;
    // While the pointer or the focus is on it, it stays.
    let held = use_state(|| false);
    {
        let (on_close, id) = (props.on_close.clone(), toast.id);
        let goes = toast.kind == ToastKind::Done && !*held;
        use_effect_with(goes, move |goes| {
            let timer = goes.then(|| Timeout::new(STAYS_MS, move || on_close.emit(id)));
            move || drop(timer)
        });
    }
    let hold = |on: bool| {
        let held = held.setter();
        Callback::from(move |()| held.set(on))
    };
    let (over, out) = (hold(true), hold(false));
    let close = props.on_close.reform({
        let id = toast.id;
        move |()| id
    });
    let (class, icon) = match toast.kind {
        ToastKind::Done => ("toast", Icon::Check),
        ToastKind::Problem => ("toast toast-problem", Icon::NeedsYou),
    };
    html! {
        <div
            {class} onmouseenter={over.reform(|_: MouseEvent| ())}
            onmouseleave={out.reform(|_: MouseEvent| ())}
            onfocusin={over.reform(|_: FocusEvent| ())} onfocusout={out.reform(|_: FocusEvent| ())}
        >
            <Glyph {icon} size={16} />
            <p class="spread" dir="auto">{ &toast.text }</p>
            if let Some(undo) = &toast.undo {
                <Button
                    label="Undo" kind={ButtonKind::Quiet} keys="u"
                    on_press={props.on_undo.reform({
                        let undo = undo.clone();
                        move |()| undo.clone()
                    })}
                />
            }
            <IconButton icon={Icon::Close} name="Close this notice" on_press={close} />
        </div>
    }
}
