//! The models of this device: kept, listed, pinned and rolled back. Those of deals and those of
//! leads are kept apart.

use roadbook_api::commands::planning::{ChooseModel, ListModels, ModelChoice, Scored};
use roadbook_api::views::planning::{ModelCardView, ModelView, ModelsView};
use roadbook_api::{ApiError, ErrorCode};
use roadbook_planning::score::model::{Entry, Registry, ScoreModel};
use roadbook_replica::Replica;

use crate::errors::{self, ApiResult, not_found};
use crate::planning::records::kept::{self, Learned};
use crate::planning::signed::{About, ModelKey, SignedModel, Trust, open};
use crate::planning::views;
use crate::{App, Run};

/// Models that are kept; older ones go.
const MODELS: usize = 12;

/// The kinds under which models are kept, with what goes with them.
struct Kinds {
    model: &'static str,
    list: &'static str,
    learned: &'static str,
}

const fn kinds(what: Scored) -> Kinds {
    match what {
        Scored::Deals => Kinds { model: kept::MODEL, list: kept::REGISTRY, learned: kept::LEARNED },
        Scored::Leads => Kinds {
            model: kept::LEAD_MODEL,
            list: kept::LEAD_REGISTRY,
            learned: kept::LEAD_LEARNED,
        },
    }
}

/// The key with which this device signs models.
fn key(replica: &Replica) -> ModelKey {
    ModelKey::from_seed(replica.model_seed())
}

pub(super) fn registry(replica: &Replica, what: Scored) -> ApiResult<Registry> {
    let kept: Vec<(i64, Registry)> = kept::read(replica, kinds(what).list)?;
    Ok(kept.into_iter().next().map(|(_, registry)| registry).unwrap_or_default())
}

/// A model of this device; `None` where there is none of that version, or it was changed.
fn model(replica: &Replica, what: Scored, version: u32) -> ApiResult<Option<SignedModel>> {
    let kept = replica.planning(kinds(what).model).map_err(|error| errors::of_store(&error))?;
    let found = kept.into_iter().find(|(number, _)| *number == i64::from(version));
    let trust = Trust::Own(Some(key(replica).signer()));
    found.map(|(_, bytes)| open(&bytes, &trust)).transpose()
}

/// The model in use.
pub(in crate::planning::records) fn active(
    replica: &Replica,
    what: Scored,
) -> ApiResult<Option<SignedModel>> {
    match registry(replica, what)?.active() {
        Some(version) => model(replica, what, version),
        None => Ok(None),
    }
}

/// What a model has learned from; `None` for one of an earlier version of this program, which did
/// not keep it.
pub(super) fn learned(replica: &Replica, what: Scored, version: u32) -> ApiResult<Option<Learned>> {
    let kept: Vec<(i64, Learned)> = kept::read(replica, kinds(what).learned)?;
    let found = kept.into_iter().find(|(number, _)| *number == i64::from(version));
    Ok(found.map(|(_, learned)| learned))
}

pub(super) fn models(replica: &Replica, what: Scored) -> ApiResult<ModelsView> {
    let registry = registry(replica, what)?;
    let card = active(replica, what)?.map(|signed| card(&signed));
    let one = |entry: &Entry| ModelView {
        version: entry.version,
        trained_ms: entry.trained_at,
        auc: entry.auc,
        log_loss: entry.log_loss,
        active: registry.active() == Some(entry.version),
    };
    let models = registry.entries().iter().map(one).collect();
    Ok(ModelsView { models, pinned: registry.is_pinned(), card })
}

pub(super) fn card(signed: &SignedModel) -> ModelCardView {
    let About { outcome, times, trained_ms } = &signed.about;
    views::card(&signed.model, outcome, *times, *trained_ms, &signed.signer.short())
}

/// Keeps a model beside those that there are now: what was pinned or trained while it learned
/// stays so. It gets the next version.
pub(super) fn keep(
    replica: &mut Replica,
    what: Scored,
    about: &About,
    model: ScoreModel,
    learned: &Learned,
) -> ApiResult<ModelsView> {
    let kinds = kinds(what);
    let mut registry = registry(replica, what)?;
    let model = model.numbered(registry.next_version());
    let bytes = key(replica).seal(about, &model)?;
    registry.add(&model).map_err(|error| views::of_score(&error))?;
    let version = i64::from(model.card().version);
    replica
        .keep_planning(kinds.model, version, &bytes)
        .map_err(|error| errors::of_store(&error))?;
    kept::write(replica, kinds.learned, version, learned)?;
    let surplus = registry.entries().len().saturating_sub(MODELS);
    let old: Vec<u32> = registry.entries().iter().take(surplus).map(|e| e.version).collect();
    for version in old {
        // The one in use stays, however old.
        if registry.forget(version) {
            for kind in [kinds.model, kinds.learned] {
                replica
                    .drop_planning(kind, i64::from(version))
                    .map_err(|error| errors::of_store(&error))?;
            }
        }
    }
    kept::write(replica, kinds.list, 0, &registry)?;
    models(replica, what)
}

impl Run<ListModels> for App {
    fn run(&self, command: ListModels) -> ApiResult<ModelsView> {
        self.with(|replica| models(replica, command.what))
    }
}

impl Run<ChooseModel> for App {
    fn run(&self, command: ChooseModel) -> ApiResult<ModelsView> {
        let ChooseModel { what, choice } = command;
        self.with(|replica| {
            let mut registry = registry(replica, what)?;
            match choice {
                ModelChoice::Pin { version } => registry
                    .pin(version)
                    .map_err(|_| not_found("model of version", &version.to_string()))?,
                ModelChoice::Unpin {} => registry.unpin(),
                ModelChoice::RollBack {} => {
                    registry.roll_back().map(drop).map_err(|_| {
                        let message = "there is no older model to go back to; train one first";
                        ApiError::new(ErrorCode::NotFound, message)
                    })?;
                }
            }
            kept::write(replica, kinds(what).list, 0, &registry)?;
            models(replica, what)
        })
    }
}
