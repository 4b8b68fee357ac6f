//! The icons: one line set on a 20-pixel grid, 1.5 px strokes, drawn for Roadbook.

use yew::prelude::*;

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident = $path:literal,)*) => {
        /// An icon.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Icon {
            $($(#[$doc])* $name,)*
        }

        impl Icon {
            /// Every icon, with its name.
            pub const ALL: &'static [(Self, &'static str)] =
                &[$((Self::$name, stringify!($name)),)*];

            const fn path(self) -> &'static str {
                match self {
                    $(Self::$name => $path,)*
                }
            }
        }
    };
}

icons! {
    /// The day: a sun over the horizon.
    Today = "M2.5 15.5h15M5.5 12.5a4.5 4.5 0 0 1 9 0M10 3.5v2M3.8 6.3l1.3 1.3M16.2 6.3l-1.3 1.3",
    /// Columns of a board.
    Pipeline = "M3.5 4h3v12h-3zM8.5 4h3v8.5h-3zM13.5 4h3v5h-3z",
    /// A building.
    Account = "M4.5 17V4.5a1 1 0 0 1 1-1h6a1 1 0 0 1 1 1V17M12.5 8.5h2a1 1 0 0 1 1 1V17M2.5 17h15M7 7h3M7 10h3M7 13h3",
    /// A person.
    Contact = "M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 17c.4-3 2.8-4.5 6-4.5s5.6 1.5 6 4.5",
    /// A seedling: what may grow.
    Lead = "M10 17V9.5M10 11c0-3.5-2.5-5-6-5 0 3.5 2 5.5 6 5M10 9.5c0-3.5 2.5-5.5 6-5.5 0 4-2.5 5.5-6 5.5",
    /// A cut stone: a deal.
    Opportunity = "M6.5 4h7l3.5 4.5L10 17 3 8.5zM3 8.5h14M7.5 8.5L10 16l2.5-7.5",
    /// A sheet with figures.
    Quote = "M5.5 3.5h6l3.5 3.5v9.5h-9.5zM11.5 3.5V7H15M8 10.5h4.5M8 13.5h4.5",
    /// A ticked box.
    Task = "M4.5 3.5h11a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1zM7 10.2l2.2 2.2L13.5 8",
    /// An empty box: still to be done.
    TaskOpen = "M4.5 3.5h11a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1z",
    /// A part of a map.
    Territory = "M3.5 5.5l4.5-2 4 2 4.5-2v11l-4.5 2-4-2-4.5 2zM8 3.5v11M12 5.5v11",
    /// Rings around a middle.
    Quota = "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM10 10h.01",
    /// A rising line.
    Forecast = "M3.5 3.5v13h13M6 13l3.5-4 2.5 2.5L16.5 6",
    /// Two ways that meet.
    Review = "M4.5 3.5c0 5.5 5.5 4.5 5.5 9.5v4M15.5 3.5C15.5 9 10 8 10 13M7 14l3 3 3-3",
    /// Plus.
    Plus = "M10 4v12M4 10h12",
    /// A lens.
    Search = "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l4 4",
    /// Three dots.
    More = "M4 10a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0M9.5 10a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0M15 10a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0",
    /// A cross.
    Close = "M5 5l10 10M15 5L5 15",
    /// A tick.
    Check = "M4 10.5l4 4L16 6",
    /// Down.
    Down = "M5 7.5l5 5 5-5",
    /// Up.
    Up = "M5 12.5l5-5 5 5",
    /// To the next one.
    Next = "M7.5 5l5 5-5 5",
    /// Back.
    Back = "M12.5 5l-5 5 5 5",
    /// A telephone.
    Call = "M6.8 3.5l1.7 4-1.8 1.3a10 10 0 0 0 4.5 4.5l1.3-1.8 4 1.7v2.3c0 .8-.7 1.4-1.5 1.3C9 16 4 11 3.2 5c-.1-.8.5-1.5 1.3-1.5z",
    /// A place on a map.
    Visit = "M10 17.5c3.5-3.7 5.5-6.5 5.5-9a5.5 5.5 0 0 0-11 0c0 2.5 2 5.3 5.5 9zM10 10.5a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
    /// A letter.
    Mail = "M3 5h14v10H3zM3 6l7 5.5L17 6",
    /// Two people.
    Meeting = "M7.5 9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM2.5 16c.3-2.7 2.2-4 5-4s4.7 1.3 5 4M13 4.3a2.5 2.5 0 0 1 0 4.5M14.5 12.3c1.8.5 2.8 1.7 3 3.7",
    /// A sheet with a folded corner.
    Note = "M4.5 3.5h11v9l-4 4h-7zM15.5 12.5h-4v4M7 7h6M7 10h4",
    /// A calendar.
    Calendar = "M3.5 5.5h13v11h-13zM3.5 9h13M7 3.5v3.5M13 3.5v3.5",
    /// A clock.
    Clock = "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6v4.2l2.8 1.6",
    /// Back in time.
    Undo = "M4 8h8a4 4 0 0 1 0 8H8M7 4.5L3.5 8 7 11.5",
    /// A pen.
    Edit = "M4 16l.7-3.3 8.5-8.5a1.4 1.4 0 0 1 2 0l.6.6a1.4 1.4 0 0 1 0 2l-8.5 8.5zM11.7 5.7l2.6 2.6",
    /// A bin.
    Trash = "M4 6h12M8 6V4h4v2M5.5 6l.7 10.5h7.6L14.5 6M8.5 9v4.5M11.5 9v4.5",
    /// A funnel.
    Filter = "M3.5 5h13l-5 6v5l-3-1.5V11z",
    /// Smallest first.
    SortUp = "M10 16V4M5.5 8.5L10 4l4.5 4.5",
    /// Greatest first.
    SortDown = "M10 4v12M5.5 11.5L10 16l4.5-4.5",
    /// Safe on this device.
    Saved = "M5.5 3.5h9a1 1 0 0 1 1 1v11a1 1 0 0 1-1 1h-9a1 1 0 0 1-1-1v-11a1 1 0 0 1 1-1zM7.5 9l2 2 3.5-3.5M8.5 14h3",
    /// On its way.
    Sending = "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 13.5v-7M7 9.5l3-3 3 3",
    /// A person is needed.
    NeedsYou = "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 6.5V11M10 13.5h.01",
    /// Several values.
    Disputed = "M10 3l7.5 13.5h-15zM10 8v4M10 14.2h.01",
    /// Not connected.
    Offline = "M3.5 3.5l13 13M6.5 8A3.5 3.5 0 0 0 6 15h8.5M16.8 13.5A3 3 0 0 0 14.5 9a5 5 0 0 0-6-3.3",
    /// Sliders.
    Settings = "M3.5 6h7M14.5 6h2M3.5 14h2M9.5 14h7M12.5 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7.5 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
    /// A device.
    Device = "M6 2.5h8a1 1 0 0 1 1 1v13a1 1 0 0 1-1 1H6a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1zM9 14.5h2",
    /// Out of a door.
    SignOut = "M11.5 4h-7v12h7M8.5 10H17M14 7l3 3-3 3",
    /// Half a disc: the theme.
    Theme = "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 3v14M12.5 4v12M15 6v8",
    /// A keyboard.
    Keys = "M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 11.7h7",
    /// What was before.
    History = "M3.5 10a6.5 6.5 0 1 0 2.2-4.9L3.5 7M3.5 3.5V7H7M10 6.5V10l2.5 1.5",
    /// A lock.
    Lock = "M5 9h10v7.5H5zM7 9V6.5a3 3 0 0 1 6 0V9",
    /// Into here.
    Download = "M10 3.5v9M6 9l4 4 4-4M3.5 16.5h13",
    /// A tag.
    Tag = "M3.5 3.5H10l6.5 6.5-6.5 6.5L3.5 10zM7 7h.01",
    /// A list.
    List = "M7 5.5h9.5M7 10h9.5M7 14.5h9.5M3.5 5.5h.01M3.5 10h.01M3.5 14.5h.01",
    /// Stands for information.
    Info = "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 9.5v4M10 6.5h.01",
    /// Look again.
    Refresh = "M16.5 10a6.5 6.5 0 1 1-2-4.7l2 1.9M16.5 3.5v3.7h-3.7",
    /// A flash: what to do next.
    NextBest = "M11 2.5l-6.5 9H9l-.5 6 7-9.5H11z",
}

/// A drawn icon.
#[derive(Properties, PartialEq)]
pub struct GlyphProps {
    /// Which.
    pub icon: Icon,
    /// Its size in pixels: 16 or 20.
    #[prop_or(20)]
    pub size: u8,
    /// Its name for screen readers. Leave it out only where the same words stand beside it.
    #[prop_or_default]
    pub name: Option<AttrValue>,
}

/// Draws an icon.
#[function_component]
pub fn Glyph(props: &GlyphProps) -> Html {
    let size = props.size.to_string();
    let role = props.name.as_ref().map(|_| "img");
    let hidden = props.name.is_none().then_some("true");
    // The stroke stays 1.5 px at both sizes.
    let stroke = if props.size < 20 { "1.875" } else { "1.5" };
    html! {
        <svg
            class="glyph" width={size.clone()} height={size} viewBox="0 0 20 20" fill="none"
            stroke="currentColor" stroke-width={stroke} stroke-linecap="round"
            stroke-linejoin="round" {role} aria-label={props.name.clone()}
            aria-hidden={hidden} focusable="false"
        >
            <path d={props.icon.path()} />
        </svg>
    }
}
