//! A device of 50,000 records opens without a pause.

use super::super::Stage;
use super::super::driver::{Opening, Window};
use super::super::person;
use crate::bench::device::Device;
use crate::story::Tell;
use crate::story::check;
use roadbook_replica::Durability;

const RECORDS: u64 = 50_000;

/// Plays it.
pub(crate) fn play(stage: &Stage<'_>, tell: &mut dyn Tell) -> anyhow::Result<()> {
    tell.step("In the window: a device of 50,000 records");
    let mut device = Device::new(Durability::Normal)?;
    device.receive(0..RECORDS)?;
    let device = device.close();
    tell.deed(&format!("a device took in {RECORDS} records"));
    let opening = Opening {
        programs: stage.programs,
        device: device.dir.path(),
        passphrase: Some("bench"),
        address: None,
    };
    let window = Window::open(stage.desktop, &opening)?;
    person::is_ready(&window)?;
    stage.pictures.keep("20-many-today", &window.picture()?)?;
    window.press("Pipeline")?;
    window.wait("the board is shown", "document.querySelector('.card')")?;
    stage.pictures.keep("20-many-pipeline", &window.picture()?)?;
    let counted = window.run(
        "return [...document.querySelectorAll('.column .section-count')]
            .reduce((sum, it) => sum + Number(it.innerText.replace(/\\D/g, '')), 0)",
    )?;
    // A quarter of them is closed, which the board leaves out.
    let open = counted.as_u64().unwrap_or_default();
    check::holds(tell, &format!("the board counts {open} of them"), open > RECORDS / 2)?;
    let drawn = window.count(".card")?;
    check::holds(tell, &format!("and draws {drawn} cards"), (1..1_000).contains(&drawn))?;
    window.close()
}
