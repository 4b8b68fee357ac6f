//! The table, states, waiting, differences, charts.

use std::rc::Rc;

use yew::prelude::*;

use crate::components::table::Row;
use crate::components::{
    Align, BarChart, Button, ButtonKind, ChartRow, Column, Diff, Empty, FieldMark, Icon, Problem,
    Progress, Skeleton, Standing, Table,
};
use crate::state::grid::{Direction, Sort};
use crate::state::selection::{Selection, SelectionAction};

/// As many rows as a device may hold.
const ROWS: usize = 50_000;

pub(super) fn table() -> Html {
    html! { <div class="gallery-table"><TableExhibit /></div> }
}

#[function_component]
fn TableExhibit() -> Html {
    let selection = use_reducer(|| {
        let start = Rc::new(Selection::of(ROWS));
        (*start.reduce(SelectionAction::Toggle(2))).clone()
    });
    let sort = use_state(|| Some(Sort { field: "name".into(), direction: Direction::Up }));
    let column = |field: &'static str, label: &'static str, width: &'static str, align| Column {
        field: field.into(),
        label: label.into(),
        width: width.into(),
        align,
        sortable: true,
    };
    let columns = Rc::new(vec![
        column("name", "Name", "minmax(12rem, 2fr)", Align::Start),
        column("city", "City", "minmax(7rem, 1fr)", Align::Start),
        column("revenue", "Yearly revenue", "9rem", Align::End),
    ]);
    let on_selection = {
        let selection = selection.dispatcher();
        Callback::from(move |action| selection.dispatch(action))
    };
    let on_sort = {
        let sort = sort.setter();
        Callback::from(move |next| sort.set(next))
    };
    let bulk = html! {
        <>
            <Button label="Add a tag" kind={ButtonKind::Quiet} icon={Icon::Tag} />
            <Button label="Trash" kind={ButtonKind::Quiet} icon={Icon::Trash} />
        </>
    };
    html! {
        <Table
            name="Accounts" {columns} rows={ROWS} row={Callback::from(example_row)}
            selection={Rc::new((*selection).clone())} sort={(*sort).clone()} {bulk}
            {on_selection} {on_sort}
        />
    }
}

/// An example row; the fifth of each hundred is still on its way.
fn example_row(at: usize) -> Option<Row> {
    if at % 100 == 4 {
        return None;
    }
    let cities = ["Kiel", "Malmö", "Gdańsk", "Donaudampfschifffahrtsgesellschaftsstadt"];
    let name = format!("Account {}", at + 1);
    let standing = if at % 7 == 3 { Standing::Saved } else { Standing::Accepted };
    Some(Row {
        key: format!("account-{at}").into(),
        name: name.clone().into(),
        cells: vec![
            html! { <><span class="truncate" title={name.clone()}>{ name }</span><FieldMark {standing} /></> },
            html! { <span class="truncate" title={cities[at % cities.len()]}>{ cities[at % cities.len()] }</span> },
            html! { format!("{},000 EUR", (at * 37) % 900 + 100) },
        ],
    })
}

pub(super) fn states() -> Html {
    html! {
        <div class="gallery-grid">
            <Empty
                icon={Icon::Opportunity} title="No deals yet"
                text="Deals that you make or are given stand here, also while you are offline."
                action={Some(("New deal".into(), Callback::noop()))}
            />
            <Problem
                text="The app cannot be reached: it was stopped, or the network is gone."
                on_retry={Some(Callback::noop())}
            />
        </div>
    }
}

pub(super) fn waiting() -> Html {
    html! {
        <div class="gallery-grid">
            <Skeleton lines={4} />
            <div class="stack">
                <Progress label="Accounts" done={31_200} total={Some(50_000)} />
                <Progress
                    label="Reading the file" done={120} on_cancel={Some(Callback::noop())}
                />
            </div>
        </div>
    }
}

pub(super) fn differences() -> Html {
    html! {
        <Diff
            before="They want the offer by Friday and a payment term of 30 days."
            after="They want the revised offer by Friday noon and a payment term of 45 days."
        />
    }
}

pub(super) fn chart() -> Html {
    let row = |label: &'static str, value: f64, text: &'static str| ChartRow {
        label: label.into(),
        value,
        text: text.into(),
    };
    let rows = vec![
        row("Commit", 184.0, "184k EUR"),
        row("Best case", 96.0, "96k EUR"),
        row("Pipeline", 260.0, "260k EUR"),
        row("Closed", 75.0, "75k EUR"),
        row("Omitted", 0.0, "0 EUR"),
    ];
    html! {
        <BarChart
            title="Fourth quarter by category, as of today 14:02, this device" {rows}
            row_head="Category" value_head="Amount"
        />
    }
}
