//! Planning on this device's records: projected rows are read under one lock, and everything is
//! computed after it is released, so that nobody waits for planning.
//!
//! Plans are proposals; no record is written. What is kept (snapshots, models, adjustments,
//! quotas, prices, places) is kept in the device's encrypted database and goes to no server.

mod assign;
mod book;
mod crew;
mod dates;
mod forecast;
mod in_force;
mod kept;
mod lead;
mod lines;
mod look;
mod outlook;
mod quotas;
mod reconcile;
mod revenue;
mod route;
mod score;
mod territories;
#[cfg(test)]
mod tests;
mod tree;
mod weeks;
mod whose;
mod worth;

use roadbook_api::commands::planning::{KeepPlaces, StopPlanning};
use roadbook_api::views::planning::PlacesView;

use super::desk::PlanListener;
use crate::errors::{ApiResult, bad_input};
use crate::{App, Run};

impl App {
    /// Says who is told how far planning on this device has come.
    pub fn watch_planning(&self, listener: Option<PlanListener>) {
        self.desk.listen(listener);
    }
}

impl Run<StopPlanning> for App {
    fn run(&self, _: StopPlanning) -> ApiResult<()> {
        self.desk.stop();
        Ok(())
    }
}

impl Run<KeepPlaces> for App {
    fn run(&self, command: KeepPlaces) -> ApiResult<PlacesView> {
        for place in &command.places {
            let fits = place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0;
            if !fits || place.name.trim().is_empty() {
                let problem =
                    format!("`{}` at {}, {}", place.name, place.latitude, place.longitude);
                let remedy = "give a name, a latitude of -90 to 90 and a longitude of -180 to 180";
                return Err(bad_input("places", &problem, remedy));
            }
        }
        let places = command.places.len() as u64;
        self.with(|replica| kept::write(replica, kept::PLACES, 0, &command.places))?;
        Ok(PlacesView { places })
    }
}
