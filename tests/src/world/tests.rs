//! Worlds: many small ones by seed, and one seed twice.

use roadbook_domain::IntentId;

use crate::world::{Tally, World};

/// Seeds to play: `ROADBOOK_SEED=<n>` one, `ROADBOOK_SLOW=1` many, else a few.
fn seeds() -> Vec<u64> {
    if let Some(seed) = std::env::var("ROADBOOK_SEED").ok().and_then(|it| it.parse().ok()) {
        return vec![seed];
    }
    let slow = std::env::var("ROADBOOK_SLOW").is_ok_and(|value| value == "1");
    (1..=if slow { 400 } else { 12 }).collect()
}

fn played(seed: u64) -> anyhow::Result<World> {
    let mut world = World::new(seed)?;
    world.play(250)?;
    world.settle()?;
    Ok(world)
}

#[test]
fn at_rest_everybody_agrees_and_nothing_acknowledged_is_lost() {
    let mut total = Tally::new();
    for seed in seeds() {
        let mut world = match played(seed) {
            Ok(world) => world,
            Err(error) => panic!("ROADBOOK_SEED={seed}: {error:?}"),
        };
        if let Err(error) = world.check() {
            panic!("{error:?}");
        }
        for (what, count) in world.tally() {
            *total.entry(what.clone()).or_default() += count;
        }
    }
    if std::env::var("ROADBOOK_SEED").is_err() {
        happened(&total);
    }
}

/// The worlds above are not idle: what can happen did.
fn happened(total: &Tally) {
    let expected = [
        "create",
        "edit_fields",
        "move_stage",
        "log_activity",
        "delete",
        "resolve_conflict",
        "verdict applied",
        "verdict merged",
        "verdict review",
        "verdict denied",
        "verdict applied again",
        "taken in",
        "snapshot",
        "forgotten",
        "replayed",
        "device killed",
        "server killed",
        "backed up",
        "restored",
        "handed back",
        "clock set",
        "reorganised",
        "answer came too late",
        "device lost",
        "device revoked",
        "device updated",
        "new device",
        "a disk filled up or emptied",
    ];
    for what in expected {
        assert!(total.get(what).is_some_and(|count| *count > 0), "no {what}: {total:#?}");
    }
}

#[test]
fn a_lost_intent_and_a_restless_world_are_noticed() {
    let mut world = World::new(7).unwrap();
    world.play(120).unwrap();
    let error = world.check().unwrap_err();
    assert!(format!("{error:?}").contains("ROADBOOK_SEED=7"), "{error:?}");
    world.settle().unwrap();
    world.saved.insert(IntentId::from_bytes([1; 16]), 0);
    let error = world.check().unwrap_err();
    assert!(format!("{error:?}").contains("is lost"), "{error:?}");
}

#[test]
fn a_seed_plays_the_same_world_again() {
    let seed = seeds()[0];
    let [one, two] = [(); 2].map(|()| match played(seed) {
        Ok(world) => world,
        Err(error) => panic!("ROADBOOK_SEED={seed}: {error:?}"),
    });
    assert_eq!(one.tally(), two.tally());
    for (a, b) in one.devices.iter().zip(&two.devices) {
        let (ours, theirs) = (a.replica().checksum().unwrap(), b.replica().checksum().unwrap());
        assert_eq!(ours, theirs, "{}", a.name);
    }
}
