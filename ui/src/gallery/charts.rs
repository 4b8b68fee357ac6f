//! Charts: lines with bands, outcomes, waterfalls, reasons, maps.

use yew::prelude::*;

use crate::components::chart::{
    Band, BandChart, BandPoint, Bar, Fall, Histogram, MapChart, MapPoint, Mark, Part, Reason,
    Reasons, Shape, Stack, Waterfall,
};

pub(super) fn band() -> Html {
    let months = ["Jun 2026", "Jul 2026", "Aug 2026", "Sep 2026", "Oct 2026", "Nov 2026"];
    let point = |(at, label): (usize, &&'static str)| {
        let value = 60_000.0 + 9_000.0 * (at % 4) as f64;
        let width = 6_000.0 * at as f64;
        let band = (at > 3).then_some(Band {
            inner: (value - width / 2.0, value + width / 2.0),
            outer: (value - width, value + width),
        });
        BandPoint { label: (*label).into(), value, band, repaired: at == 1 }
    };
    let points: Vec<BandPoint> = months.iter().enumerate().map(point).collect();
    html! {
        <BandChart
            title="Revenue by month, EUR" summary="Revenue rises a little until November" {points}
        />
    }
}

pub(super) fn histogram() -> Html {
    let shares = [0.05, 0.15, 0.3, 0.25, 0.15, 0.1];
    let bar = |(at, share): (usize, &f64)| {
        let from = 100_000.0 + 20_000.0 * at as f64;
        Bar { from, to: from + 20_000.0, share: *share }
    };
    let bars: Vec<Bar> = shares.iter().enumerate().map(bar).collect();
    let marks = vec![
        Mark { label: "Expected 152k".into(), at: 152_000.0 },
        Mark { label: "Quota 200k".into(), at: 200_000.0 },
    ];
    html! {
        <Histogram
            title="How the quarter may end, EUR" summary="Most quarters end near 150k" {bars}
            strong={(120_000.0, 180_000.0)} {marks}
        />
    }
}

pub(super) fn waterfall() -> Html {
    let fall = |what: &'static str, label: &'static str, amount: f64, level: bool| Fall {
        what: what.into(),
        label: label.into(),
        note: "2 deals".into(),
        amount,
        level,
    };
    let falls = vec![
        fall("", "13 Nov", 120_000.0, true),
        fall("new", "New", 40_000.0, false),
        fall("won", "Won", -60_000.0, false),
        fall("", "20 Nov", 100_000.0, true),
    ];
    html! {
        <div class="stack">
            <Waterfall {falls} open={Some(AttrValue::from("new"))} inside={html! { "Berth scheduling" }} />
            <Stack
                parts={vec![Part { shade: 1, value: 60.0 }, Part { shade: 2, value: 20.0 }, Part { shade: 3, value: 15.0 }, Part { shade: 4, value: 30.0 }]}
                goal={Some(100.0)}
            />
        </div>
    }
}

pub(super) fn reasons() -> Html {
    let reason = |text: &'static str, points: i32| Reason { text: text.into(), points };
    let reasons = vec![
        reason("opened 3 e-mails +12", 12),
        reason("no visit for 60 days \u{2212}8", -8),
        reason("industry Retail +3", 3),
    ];
    html! { <Reasons name="Why Ward tablets" {reasons} /> }
}

pub(super) fn map() -> Html {
    let point = |north: f64, east: f64, shape: Shape, hue: u32, label: &'static str| MapPoint {
        north,
        east,
        shape,
        hue,
        label: label.into(),
        tip: "Kiel Yards".into(),
    };
    let points = vec![
        point(54.3, 10.1, Shape::Dot, 2, ""),
        point(53.6, 10.0, Shape::Ring, 7, ""),
        point(53.1, 8.8, Shape::Home, 9, "AL"),
    ];
    html! {
        <div class="gallery-grid">
            <MapChart summary="Three places between Bremen and Kiel" {points} way={vec![(53.1, 8.8), (54.3, 10.1)]} />
        </div>
    }
}
