//! The models of this device: training with progress, pinning, rolling back, and the card of the
//! one in use.

use roadbook_api::ErrorCode;
use roadbook_api::commands::planning::{
    ChooseModel, ListModels, ModelChoice, RefreshScores, Scored, StopPlanning, TrainScores,
};
use roadbook_api::views::planning::{ModelView, ModelsView, RefreshView, Refreshed};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::card::ModelCard;
use super::what::{WhatChoice, words};
use crate::components::chip::ChipTone;
use crate::components::{
    Button, ButtonKind, Chip, Empty, Icon, PageHead, Problem, Progress, Section, Skeleton, When,
};
use crate::context::{
    Watch, use_bridge, use_go, use_planning_step, use_query, use_session, use_toast,
};
use crate::screens::planning::PlanNav;
use crate::words::{counted, sentence};

/// Work on a model that takes a while.
#[derive(Debug, Clone, Copy)]
enum Work {
    /// A new one.
    Train,
    /// The one in use, from what was decided since.
    Refresh,
}

/// Whose model it is.
#[derive(Properties, PartialEq)]
pub struct ScoringProps {
    /// Deals or leads.
    pub what: Scored,
}

/// The model behind scores.
#[function_component]
pub fn Scoring(props: &ScoringProps) -> Html {
    let what = props.what;
    let words = words(what);
    let hosted = use_session().is_hosted();
    let go = use_go();
    let on_choose = Callback::from(move |what| go.to(super::what::words(what).scoring));
    let found = use_query(Some(ListModels { what }), Watch::Nothing);
    let newer = use_state(|| None::<ModelsView>);
    let training = use_state(|| false);
    let (bridge, say) = (use_bridge(), use_toast());
    let step = use_planning_step();
    let learn = |work: Work| {
        let (bridge, say) = (bridge.clone(), say.clone());
        let (newer, training) = (newer.clone(), training.clone());
        Callback::from(move |()| {
            let Some(bridge) = bridge.clone() else {
                return;
            };
            let (say, newer, training) = (say.clone(), newer.clone(), training.clone());
            training.set(true);
            spawn_local(async move {
                let done = match work {
                    Work::Train => bridge.call(TrainScores { what }).await.map(|models| {
                        ("A new model is trained, on this device".to_owned(), models)
                    }),
                    Work::Refresh => bridge
                        .call(RefreshScores { what })
                        .await
                        .map(|view| (refreshed(&view, what), view.models)),
                };
                match done {
                    Ok((words, models)) => {
                        say.done(words, None);
                        newer.set(Some(models));
                    }
                    Err(error) if error.code == ErrorCode::Cancelled => {
                        say.done("Stopped. The model in use is as it was", None);
                    }
                    Err(error) => say.problem(sentence(&error.message)),
                }
                training.set(false);
            });
        })
    };
    let (train, refresh) = (learn(Work::Train), learn(Work::Refresh));
    let stop = {
        let bridge = bridge.clone();
        Callback::from(move |()| {
            if let Some(bridge) = bridge.clone() {
                spawn_local(async move { drop(bridge.call(StopPlanning {}).await) });
            }
        })
    };
    let choose = {
        let newer = newer.clone();
        Callback::from(move |choice: ModelChoice| {
            let Some(bridge) = bridge.clone() else {
                return;
            };
            let (say, newer) = (say.clone(), newer.clone());
            spawn_local(async move {
                match bridge.call(ChooseModel { what, choice }).await {
                    Ok(models) => newer.set(Some(models)),
                    Err(error) => say.problem(sentence(&error.message)),
                }
            });
        })
    };
    let models = (*newer).clone().or_else(|| found.data.as_ref().map(|it| (**it).clone()));
    let has_one = models.as_ref().is_some_and(|models| !models.models.is_empty());
    let is_pinned = models.as_ref().is_some_and(|models| models.pinned);
    let actions = html! {
        <>
            if has_one {
                <Button
                    label="Learn from new outcomes" kind={ButtonKind::Plain}
                    disabled={*training || is_pinned} on_press={refresh}
                />
            }
            <Button
                label="Train" kind={ButtonKind::Primary} icon={Icon::Refresh} busy={*training}
                on_press={train.clone()}
            />
        </>
    };
    if hosted {
        return html! {
            <div class="plan">
                <PageHead title="Scoring" />
                <PlanNav />
                <Empty
                    icon={Icon::Forecast} title="Models are made on a device"
                    text={format!(
                        "In a browser scores are {}. The app on a device of your own learns from {}.",
                        words.without, words.learns
                    )}
                />
            </div>
        };
    }
    let label = step.as_ref().map_or("Training and comparing models", |step| step.words());
    html! {
        <div class="plan">
            <PageHead
                title="Scoring" {actions}
                note={html! { format!("The model behind scores of {}, on this device", words.many) }}
            />
            <PlanNav />
            <div class="plan-choices"><WhatChoice name="Whose model" {what} {on_choose} /></div>
            if *training {
                <div class="plan-state" role="status">
                    <Progress
                        {label} done={step.as_ref().map_or(0, |step| step.done)}
                        total={step.as_ref().map(|step| step.total)} on_cancel={Some(stop)}
                    />
                </div>
            }
            if let Some(models) = models {
                <Models {models} {what} on_train={train} on_choose={choose} />
            } else if let Some(error) = &found.error {
                <Problem text={sentence(&error.message)} on_retry={found.reload.clone()} />
            } else {
                <Skeleton lines={8} />
            }
        </div>
    }
}

/// What came of looking at new outcomes, in words.
fn refreshed(view: &RefreshView, what: Scored) -> String {
    let words = words(what);
    let newest = counted(view.newest, words.one, words.many);
    match view.done {
        Refreshed::Kept => {
            format!("{newest} decided since it learned: nothing moved, the model is kept")
        }
        Refreshed::Recalibrated => {
            format!("{newest} decided since it learned: its probabilities are corrected")
        }
        Refreshed::Retrained => format!("{newest} decided since it learned: trained again on all"),
    }
}

/// Models.
#[derive(Properties, PartialEq)]
pub struct ModelsProps {
    /// The models, oldest first.
    pub models: ModelsView,
    /// Deals or leads.
    #[prop_or_default]
    pub what: Scored,
    /// Training was asked for.
    #[prop_or_default]
    pub on_train: Callback<()>,
    /// Another one is to be in use.
    #[prop_or_default]
    pub on_choose: Callback<ModelChoice>,
}

/// The models of this device and the card of the one in use.
#[function_component]
pub fn Models(props: &ModelsProps) -> Html {
    let models = &props.models;
    let words = words(props.what);
    if models.models.is_empty() {
        return html! {
            <Empty
                icon={Icon::Forecast} title="No model is trained yet"
                text={format!(
                    "A model learns from {}, on this device. Until then scores are {}.",
                    words.learns, words.without
                )}
                action={Some((AttrValue::from("Train one"), props.on_train.clone()))}
            />
        };
    }
    let line = |it: &ModelView| line(it, models.pinned, &props.on_choose);
    let free = props.on_choose.reform(|()| ModelChoice::Unpin {});
    let back = props.on_choose.reform(|()| ModelChoice::RollBack {});
    let oldest = models.models.first().is_some_and(|it| it.active);
    html! {
        <div class="plan-body">
            if let Some(card) = &models.card {
                <ModelCard card={card.clone()} what={props.what} />
            }
            <Section title="Versions" count={models.models.len() as u64}>
                <ul class="plan-part model-list">{ for models.models.iter().rev().map(line) }</ul>
                <div class="plan-part row row-wrap">
                    <Button
                        label="Roll back to the one before" kind={ButtonKind::Plain}
                        icon={Icon::Undo} disabled={oldest} on_press={back}
                    />
                    if models.pinned {
                        <Button label="Follow the newest again" kind={ButtonKind::Plain} on_press={free} />
                        <span class="quiet small">{ "Pinned: what is trained later is not used." }</span>
                    }
                </div>
            </Section>
        </div>
    }
}

fn line(model: &ModelView, pinned: bool, on_choose: &Callback<ModelChoice>) -> Html {
    let version = model.version;
    let pin = on_choose.reform(move |()| ModelChoice::Pin { version });
    html! {
        <li key={version} class="model-line">
            <span class="model-version">{ format!("Version {version}") }</span>
            <span class="quiet small">{ "trained " }<When at_ms={model.trained_ms} /></span>
            <span class="small number">{ format!("AUC {:.3}, log loss {:.3}", model.auc, model.log_loss) }</span>
            <span class="spread"></span>
            if model.active {
                <Chip
                    label={if pinned { "In use, pinned" } else { "In use" }} icon={Icon::Check}
                    tone={ChipTone::Positive}
                />
            }
            if !(model.active && pinned) {
                <Button label={format!("Pin version {version}")} kind={ButtonKind::Quiet} on_press={pin} />
            }
        </li>
    }
}
