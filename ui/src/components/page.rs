//! The head of a page and the sections in it.

use yew::prelude::*;

/// The head of a page.
#[derive(Properties, PartialEq)]
pub struct PageHeadProps {
    /// What the page is.
    pub title: AttrValue,
    /// A line beside it: a day, a count, as of when.
    #[prop_or_default]
    pub note: Html,
    /// Its actions; the primary one last.
    #[prop_or_default]
    pub actions: Html,
}

/// The head of a page.
#[function_component]
pub fn PageHead(props: &PageHeadProps) -> Html {
    html! {
        <header class="page-head">
            <h1>{ &props.title }</h1>
            <div class="page-note quiet" dir="auto">{ props.note.clone() }</div>
            <div class="page-actions">{ props.actions.clone() }</div>
        </header>
    }
}

/// A section of a page.
#[derive(Properties, PartialEq)]
pub struct SectionProps {
    /// Its heading.
    pub title: AttrValue,
    /// How many are in it, shown beside the heading.
    #[prop_or_default]
    pub count: Option<u64>,
    /// What is in it.
    pub children: Children,
}

/// A section of a page.
#[function_component]
pub fn Section(props: &SectionProps) -> Html {
    html! {
        <section class="section" aria-label={props.title.clone()}>
            <h2 class="section-title">
                { &props.title }
                if let Some(count) = props.count {
                    <span class="section-count number">{ crate::words::count(count) }</span>
                }
            </h2>
            { props.children.clone() }
        </section>
    }
}
