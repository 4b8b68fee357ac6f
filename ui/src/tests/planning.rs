//! The planning screens as they are shown.

use std::rc::Rc;

use roadbook_api::commands::planning::Scored;
use yew::prelude::*;

use super::rendered;
use crate::sample::planning as sample;
use crate::screens::forecast::adjust::AdjustDialog;
use crate::screens::forecast::view::ForecastBody;
use crate::screens::planning::day::RouteBody;
use crate::screens::planning::leads::AssignmentBody;
use crate::screens::planning::quotas::QuotasBody;
use crate::screens::planning::territories::TerritoriesBody;
use crate::screens::scores::hot::HotList;
use crate::screens::scores::model::Models;
use crate::screens::scores::reasons::ScoreBox;
use crate::state::quota::Edits;
use crate::words::Wall;

#[derive(Debug, Clone, Copy, PartialEq)]
enum What {
    Forecast,
    EmptyForecast,
    Adjust,
    Hot,
    NothingHot,
    Score,
    UntrainedScore,
    Models,
    NoModels,
    HotLeads,
    NoLeadHot,
    LeadScore,
    LeadModels,
    NoLeadModels,
    Territories,
    TerritoriesWithoutPlaces,
    Quotas,
    Leads,
    Route,
}

#[derive(Properties, PartialEq)]
struct WalledProps {
    what: What,
}

/// A planning screen with a wall around it.
#[function_component]
fn Walled(props: &WalledProps) -> Html {
    let wall = crate::sample::WALL;
    let shown = match props.what {
        What::Forecast => html! { <ForecastBody view={Rc::new(sample::forecast(wall))} /> },
        What::EmptyForecast => html! {
            <ForecastBody view={Rc::new(sample::empty_forecast(wall))} />
        },
        What::Adjust => html! {
            <AdjustDialog
                view={Rc::new(sample::forecast(wall))} on_add={Callback::noop()}
                on_close={Callback::noop()}
            />
        },
        What::HotLeads | What::NoLeadHot | What::LeadScore => leads_of(props.what),
        What::LeadModels | What::NoLeadModels => lead_models_of(props.what),
        What::Hot => html! { <HotList scores={Rc::new(sample::scores(wall))} /> },
        What::NothingHot => {
            let nothing = roadbook_api::views::planning::ScoresView {
                scores: vec![],
                total: 0,
                ..sample::scores(wall)
            };
            html! { <HotList scores={Rc::new(nothing)} /> }
        }
        What::Score => html! { <ScoreBox scores={sample::scores(wall)} /> },
        What::UntrainedScore => {
            let scores = roadbook_api::views::planning::ScoresView {
                model: None,
                drift: None,
                ..sample::scores(wall)
            };
            html! { <ScoreBox {scores} /> }
        }
        What::Models => html! { <Models models={sample::models(wall)} /> },
        What::NoModels => {
            let models = roadbook_api::views::planning::ModelsView {
                models: vec![],
                pinned: false,
                card: None,
            };
            html! { <Models {models} /> }
        }
        What::Territories => html! {
            <TerritoriesBody view={Rc::new(sample::territories(wall))} pinned={Vec::<String>::new()} />
        },
        What::TerritoriesWithoutPlaces => {
            let mut view = sample::territories(wall);
            view.distance = "relation".into();
            for account in &mut view.accounts {
                account.place = None;
            }
            for rep in &mut view.reps {
                rep.home = None;
            }
            html! { <TerritoriesBody view={Rc::new(view)} pinned={Vec::<String>::new()} /> }
        }
        What::Quotas => html! {
            <QuotasBody view={Rc::new(sample::quotas(wall))} edits={Edits::default()} />
        },
        What::Leads => html! { <AssignmentBody view={Rc::new(sample::assignment(wall))} /> },
        What::Route => html! { <RouteBody view={Rc::new(sample::route(wall))} /> },
    };
    html! { <ContextProvider<Wall> context={wall}>{ shown }</ContextProvider<Wall>> }
}

/// Scores of leads.
fn leads_of(what: What) -> Html {
    let mut scores = sample::lead_scores(crate::sample::WALL);
    if what == What::LeadScore {
        return html! { <ScoreBox {scores} /> };
    }
    if what == What::NoLeadHot {
        scores.scores.clear();
        scores.total = 0;
    }
    html! { <HotList scores={Rc::new(scores)} what={Scored::Leads} /> }
}

/// Models of leads.
fn lead_models_of(what: What) -> Html {
    let mut models = sample::lead_models(crate::sample::WALL);
    if what == What::NoLeadModels {
        models.models.clear();
        models.card = None;
    }
    html! { <Models {models} what={Scored::Leads} /> }
}

fn shown(what: What) -> String {
    rendered::<Walled>(move || WalledProps { what })
}

#[test]
fn the_forecast_looks_as_it_was_accepted_full_and_empty() {
    insta::assert_snapshot!("forecast", shown(What::Forecast));
    insta::assert_snapshot!("forecast_empty", shown(What::EmptyForecast));
    insta::assert_snapshot!("forecast_adjust", shown(What::Adjust));
}

#[test]
fn scores_look_as_they_were_accepted() {
    insta::assert_snapshot!("hot", shown(What::Hot));
    insta::assert_snapshot!("hot_empty", shown(What::NothingHot));
    insta::assert_snapshot!("score", shown(What::Score));
    insta::assert_snapshot!("score_untrained", shown(What::UntrainedScore));
    insta::assert_snapshot!("models", shown(What::Models));
    insta::assert_snapshot!("models_empty", shown(What::NoModels));
}

#[test]
fn scores_of_leads_have_their_own_words() {
    insta::assert_snapshot!("hot_leads", shown(What::HotLeads));
    insta::assert_snapshot!("score_of_a_lead", shown(What::LeadScore));
    let nothing = shown(What::NoLeadHot);
    assert!(nothing.contains("No lead is open") && nothing.contains("Open leads stand here"));
    let card = shown(What::LeadModels);
    for words in ["Learns from leads that were qualified or not", "Qualified among them"] {
        assert!(card.contains(words), "`{words}` is missing in:\n{card}");
    }
    let untrained = shown(What::NoLeadModels);
    assert!(untrained.contains("A model learns from leads that were qualified or not"));
    for html in [shown(What::HotLeads), shown(What::LeadScore), nothing, card, untrained] {
        for word in ["deal", "Deal", " won", "Won", "stage"] {
            assert!(!html.contains(word), "`{word}` is no word of leads:\n{html}");
        }
    }
}

#[test]
fn plans_look_as_they_were_accepted() {
    insta::assert_snapshot!("territories", shown(What::Territories));
    insta::assert_snapshot!("quotas", shown(What::Quotas));
    insta::assert_snapshot!("leads_assigned", shown(What::Leads));
    insta::assert_snapshot!("day_route", shown(What::Route));
}

#[test]
fn without_places_a_design_is_told_without_a_map() {
    let html = shown(What::TerritoriesWithoutPlaces);
    assert!(html.contains("so there is no map") && !html.contains("map-ground"));
    assert!(html.contains("Business of others today"), "nearness has another name");
}

#[test]
fn every_drawing_is_named_or_its_numbers_stand_beside_it() {
    let all =
        [What::Forecast, What::Hot, What::Models, What::Territories, What::Quotas, What::Route];
    for what in all {
        for svg in shown(what).split("<svg").skip(1) {
            let head = svg.split('>').next().unwrap();
            let named = head.contains("role=\"img\"") && head.contains("aria-label=\"");
            assert!(named || head.contains("aria-hidden=\"true\""), "{what:?}: {head}");
        }
    }
}

#[test]
fn every_drawing_that_is_one_picture_has_a_table_behind_it() {
    for what in [What::Forecast, What::Models, What::Territories] {
        let html = shown(what);
        let figures: Vec<&str> = html.split("<figure").skip(1).collect();
        assert!(!figures.is_empty(), "{what:?} has drawings");
        for figure in figures {
            let figure = figure.split("</figure>").next().unwrap();
            assert!(figure.contains("<table"), "{what:?}: {figure}");
        }
    }
}

#[test]
fn every_name_on_a_map_stands_in_words_beside_it() {
    for what in [What::Territories, What::Route] {
        let html = shown(what);
        let (mut words, mut names) = (String::new(), Vec::new());
        for (at, part) in html.split("<svg").enumerate() {
            let (svg, after) =
                if at == 0 { ("", part) } else { part.split_once("</svg>").unwrap() };
            words.push_str(after);
            let titles = svg.split("<title>").skip(1).map(|it| it.split_once('<').unwrap().0);
            names.extend(titles.flat_map(|it| it.split(", ")).filter(|it| *it != "Start"));
        }
        assert!(names.len() > 2, "{what:?} has a map");
        for name in names {
            assert!(words.contains(name), "{what:?}: {name} is on the map alone");
        }
    }
}

#[test]
fn an_account_that_does_not_change_can_be_read_and_held() {
    for what in [What::Territories, What::TerritoriesWithoutPlaces] {
        let html = shown(what);
        let view = sample::territories(crate::sample::WALL);
        assert!(html.contains(&format!("All {} accounts as a table", view.accounts.len())));
        for account in &view.accounts {
            let held = format!("{} stays with its rep", account.account.title);
            let wanted = if account.changes { 2 } else { 1 };
            assert_eq!(html.matches(&held).count(), wanted, "{what:?}: {held}");
        }
    }
}
