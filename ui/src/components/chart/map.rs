//! Places on a flat map: accounts as points in the hue of their rep, homes as squares, ways as
//! lines. The map has no tiles: nothing is loaded from elsewhere.

use yew::prelude::*;

use crate::state::scale::{Scale, extent};

/// What a point looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// An account.
    Dot,
    /// An account that changes its rep.
    Ring,
    /// Where somebody starts from.
    Home,
}

/// A point.
#[derive(Debug, Clone, PartialEq)]
pub struct MapPoint {
    /// Degrees north.
    pub north: f64,
    /// Degrees east.
    pub east: f64,
    /// What it looks like.
    pub shape: Shape,
    /// Its hue, 1 to 12.
    pub hue: u32,
    /// A short word on it: the initials of a rep, the number of a stop.
    pub label: AttrValue,
    /// The tip.
    pub tip: AttrValue,
}

/// A way: places in order, degrees north and east.
pub type MapLine = Vec<(f64, f64)>;

/// A map.
#[derive(Properties, PartialEq)]
pub struct MapChartProps {
    /// What it says, in a sentence.
    pub summary: AttrValue,
    /// Points; later ones lie on top.
    pub points: Vec<MapPoint>,
    /// A way among them.
    #[prop_or_default]
    pub way: MapLine,
}

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 320.0;
const EDGE: f64 = 18.0;

/// East and north on the drawing. Degrees east shrink with the cosine of the latitude
/// (equirectangular), and both have one scale.
fn scales(points: &[(f64, f64)]) -> (Scale, Scale) {
    let (south, north) = extent(points.iter().map(|it| it.0)).unwrap_or((0.0, 1.0));
    let (west, east) = extent(points.iter().map(|it| it.1)).unwrap_or((0.0, 1.0));
    let shrink = ((south + north) / 2.0).to_radians().cos().max(0.05);
    let (wide, high) = (WIDTH - 2.0 * EDGE, HEIGHT - 2.0 * EDGE);
    let degree = ((east - west) * shrink / wide).max((north - south) / high).max(1e-6);
    let (half_x, half_y) = (wide / 2.0 * degree / shrink, high / 2.0 * degree);
    let (middle_x, middle_y) = ((west + east) / 2.0, (south + north) / 2.0);
    (
        Scale::new((middle_x - half_x, middle_x + half_x), (EDGE, WIDTH - EDGE)),
        Scale::new((middle_y - half_y, middle_y + half_y), (HEIGHT - EDGE, EDGE)),
    )
}

/// A map.
#[function_component]
pub fn MapChart(props: &MapChartProps) -> Html {
    let places = props.points.iter().map(|it| (it.north, it.east)).chain(props.way.iter().copied());
    let (x, y) = scales(&places.collect::<Vec<_>>());
    let mut way = String::new();
    for (north, east) in &props.way {
        let step = if way.is_empty() { 'M' } else { 'L' };
        way.push_str(&format!("{step}{} {}", x.text(*east), y.text(*north)));
    }
    html! {
        <svg
            class="plot plot-map" viewBox={format!("0 0 {WIDTH} {HEIGHT}")} role="img"
            aria-label={props.summary.clone()}
        >
            <rect class="map-ground" x="0" y="0" width={WIDTH.to_string()} height={HEIGHT.to_string()} />
            if !way.is_empty() {
                <path class="map-way" d={way} />
            }
            { for props.points.iter().enumerate().map(|(at, it)| point(at, it, x, y)) }
        </svg>
    }
}

fn point(at: usize, point: &MapPoint, x: Scale, y: Scale) -> Html {
    let (left, top) = (x.at(point.east), y.at(point.north));
    let hue = format!("map-hue-{}", point.hue);
    let place = |by: f64| format!("{by:.1}");
    let shape = match point.shape {
        Shape::Dot => html! { <circle class={hue} cx={place(left)} cy={place(top)} r="6" /> },
        Shape::Ring => html! {
            <circle class={classes!(hue, "map-ring")} cx={place(left)} cy={place(top)} r="8" />
        },
        Shape::Home => html! {
            <rect
                class={classes!(hue, "map-home")} x={place(left - 10.0)} y={place(top - 10.0)}
                width="20" height="20" rx="4"
            />
        },
    };
    html! {
        <g key={at}>
            <title>{ &point.tip }</title>
            { shape }
            if !point.label.is_empty() {
                <text class={format!("map-text map-on-{}", point.hue)} x={place(left)} y={place(top)} dy="4" text-anchor="middle">{ &point.label }</text>
            }
        </g>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_keeps_shapes_and_everything_inside() {
        let places = [(48.0, 7.0), (54.0, 15.0)];
        let (x, y) = scales(&places);
        for (north, east) in places {
            assert!((EDGE - 0.1..=WIDTH - EDGE + 0.1).contains(&x.at(east)), "{east}");
            assert!((EDGE - 0.1..=HEIGHT - EDGE + 0.1).contains(&y.at(north)), "{north}");
        }
        // At 51 degrees north a degree east is 63 % of a degree north.
        let ratio = (x.at(8.0) - x.at(7.0)) / (y.at(48.0) - y.at(49.0));
        assert!((ratio - 51_f64.to_radians().cos()).abs() < 1e-9, "{ratio}");
        let (x, _) = scales(&[(50.0, 8.0)]);
        assert!((x.at(8.0) - WIDTH / 2.0).abs() < 1e-6, "one place lies in the middle");
    }
}
