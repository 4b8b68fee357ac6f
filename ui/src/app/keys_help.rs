//! The list of keys that `?` shows, made from the key map.

use yew::prelude::*;

use crate::components::Dialog;
use crate::keys::KEYS;

/// The list of keys.
#[derive(Properties, PartialEq)]
pub struct KeysHelpProps {
    /// It closes.
    pub on_close: Callback<()>,
}

/// The list of keys, by group.
#[function_component]
pub fn KeysHelp(props: &KeysHelpProps) -> Html {
    let mut groups: Vec<&str> = KEYS.iter().map(|line| line.group).collect();
    groups.dedup();
    let group = |name: &&str| {
        let lines = KEYS.iter().filter(|line| line.group == *name);
        html! {
            <section class="keys-group" key={*name}>
                <h3>{ *name }</h3>
                <dl>
                    { for lines.map(|line| html! {
                        <div class="keys-line" key={line.keys}>
                            <dt>{ line.label }</dt>
                            <dd>{ for line.keys.split(' ').map(|key| html! { <kbd>{ key }</kbd> }) }</dd>
                        </div>
                    }) }
                </dl>
            </section>
        }
    };
    html! {
        <Dialog title="Keys" on_close={props.on_close.clone()}>
            <div class="keys">{ for groups.iter().map(group) }</div>
        </Dialog>
    }
}
