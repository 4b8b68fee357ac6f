//! Bars with their labels beside them, and the same numbers as a table behind.

use yew::prelude::*;

/// One row of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartRow {
    /// What it is.
    pub label: AttrValue,
    /// The number that is drawn.
    pub value: f64,
    /// The number as people read it.
    pub text: AttrValue,
}

/// A chart of bars.
#[derive(Properties, PartialEq)]
pub struct BarChartProps {
    /// What it shows, as of when and from where.
    pub title: AttrValue,
    /// Its rows.
    pub rows: Vec<ChartRow>,
    /// What the first column is, for the table.
    pub row_head: AttrValue,
    /// What the second column is, for the table.
    pub value_head: AttrValue,
}

/// Bars with their labels beside them; the table behind is for screen readers and for copying.
#[function_component]
pub fn BarChart(props: &BarChartProps) -> Html {
    let most = props.rows.iter().map(|row| row.value).fold(0.0, f64::max);
    let share = |value: f64| if most > 0.0 { value.max(0.0) / most * 100.0 } else { 0.0 };
    let bar = |row: &ChartRow| {
        html! {
            <div class="chart-row" key={row.label.as_str()}>
                <span class="chart-label truncate" title={row.label.clone()}>{ &row.label }</span>
                <svg class="chart-bar" viewBox="0 0 100 10" preserveAspectRatio="none">
                    <rect width={format!("{:.1}", share(row.value))} height="10" rx="1" />
                </svg>
                <span class="chart-value number">{ &row.text }</span>
            </div>
        }
    };
    html! {
        <figure class="chart">
            <figcaption class="chart-title">{ &props.title }</figcaption>
            <div aria-hidden="true">{ for props.rows.iter().map(bar) }</div>
            <table class="unseen">
                <caption>{ &props.title }</caption>
                <thead>
                    <tr>
                        <th scope="col">{ &props.row_head }</th>
                        <th scope="col">{ &props.value_head }</th>
                    </tr>
                </thead>
                <tbody>
                    { for props.rows.iter().map(|row| html! {
                        <tr key={row.label.as_str()}>
                            <th scope="row">{ &row.label }</th><td>{ &row.text }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </figure>
    }
}
