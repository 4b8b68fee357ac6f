//! `/components`: every part in every state. The snapshots of the parts are made of the same
//! sections, so that a part that is not shown here is not tested either.

mod charts;
mod fields;
mod floating;
mod small;
mod wide;

use yew::prelude::*;

use crate::components::{PageHead, Section};

/// One part in all its states.
pub struct Exhibit {
    /// The name of the part.
    pub name: &'static str,
    /// The part, in each state.
    pub show: fn() -> Html,
}

/// All parts, in the order of the page.
pub const EXHIBITS: [Exhibit; 23] = [
    Exhibit { name: "Buttons", show: small::buttons },
    Exhibit { name: "Marks", show: small::marks },
    Exhibit { name: "Sync strip", show: small::strips },
    Exhibit { name: "Chips", show: small::chips },
    Exhibit { name: "Stage", show: small::stages },
    Exhibit { name: "People", show: small::people },
    Exhibit { name: "Figures", show: small::figures },
    Exhibit { name: "Fields", show: fields::fields },
    Exhibit { name: "Fields in place", show: fields::in_place },
    Exhibit { name: "Tabs", show: floating::tabs },
    Exhibit { name: "Menu", show: floating::menu },
    Exhibit { name: "Toasts", show: floating::toasts },
    Exhibit { name: "Table", show: wide::table },
    Exhibit { name: "Nothing here, something wrong", show: wide::states },
    Exhibit { name: "Waiting", show: wide::waiting },
    Exhibit { name: "Differences", show: wide::differences },
    Exhibit { name: "Chart", show: wide::chart },
    Exhibit { name: "Line with bands", show: charts::band },
    Exhibit { name: "Simulated outcomes", show: charts::histogram },
    Exhibit { name: "Waterfall", show: charts::waterfall },
    Exhibit { name: "Reasons", show: charts::reasons },
    Exhibit { name: "Map", show: charts::map },
    Exhibit { name: "Icons", show: small::icons },
];

/// Every part in every state.
#[function_component]
pub fn Gallery() -> Html {
    html! {
        <div class="gallery">
            <PageHead title="Components" note={html! { "Every part in every state" }} />
            { for EXHIBITS.iter().map(|exhibit| html! {
                <Section key={exhibit.name} title={exhibit.name}>{ (exhibit.show)() }</Section>
            }) }
            <Section title="Dialog"><floating::DialogExhibit /></Section>
        </div>
    }
}
