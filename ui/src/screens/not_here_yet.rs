//! What stands at a place whose screen is not built yet.

use yew::prelude::*;

use crate::components::{Empty, Icon, PageHead};
use crate::route::Route;

/// A place without a screen.
#[derive(Properties, PartialEq)]
pub struct NotHereYetProps {
    /// The place.
    pub route: Route,
}

/// A place without a screen.
#[function_component]
pub fn NotHereYet(props: &NotHereYetProps) -> Html {
    let title = props.route.title();
    html! {
        <>
            <PageHead {title} />
            <Empty
                icon={Icon::List} title={format!("{title} has no screen yet")}
                text="The command line shows it: roadbook list, roadbook show, roadbook queue."
            />
        </>
    }
}
