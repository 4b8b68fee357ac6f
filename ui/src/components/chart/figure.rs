//! The frame of a chart: its title, the drawing, and the table behind it.

use yew::prelude::*;

/// A row of the table behind a chart; the first cell is its head.
pub type Line = Vec<Html>;

/// The frame of a chart.
#[derive(Properties, PartialEq)]
pub struct ChartFigureProps {
    /// What it shows.
    pub title: AttrValue,
    /// The heads of the columns of the table.
    pub heads: Vec<AttrValue>,
    /// Its rows.
    pub lines: Vec<Line>,
    /// The drawing.
    pub children: Children,
}

/// The frame of a chart. The table opens in place, by a press or by `Enter`.
#[function_component]
pub fn ChartFigure(props: &ChartFigureProps) -> Html {
    let line = |(at, line): (usize, &Line)| {
        let mut cells = line.iter();
        let head = cells.next().cloned().unwrap_or_default();
        html! {
            <tr key={at}>
                <th scope="row">{ head }</th>
                { for cells.map(|cell| html! { <td class="number">{ cell.clone() }</td> }) }
            </tr>
        }
    };
    html! {
        <figure class="chart">
            <figcaption class="chart-title">{ &props.title }</figcaption>
            { props.children.clone() }
            <details class="chart-behind">
                <summary>
                    { "As a table" }<span class="unseen">{ format!(": {}", props.title) }</span>
                </summary>
                <div class="chart-scroll" tabindex="0" role="group" aria-label={props.title.clone()}>
                    <table class="plain-table">
                        <thead>
                            <tr>
                                { for props.heads.iter().map(|head| html! {
                                    <th scope="col" key={head.as_str()}>{ head }</th>
                                }) }
                            </tr>
                        </thead>
                        <tbody>{ for props.lines.iter().enumerate().map(line) }</tbody>
                    </table>
                </div>
            </details>
        </figure>
    }
}
