//! Facts: what must be so, told when it is and an error when it is not.

use std::fmt::Debug;

use anyhow::ensure;

use super::tell::Tell;

/// Two things must be equal.
pub(crate) fn equal<T: PartialEq + Debug>(
    tell: &mut dyn Tell,
    what: &str,
    found: &T,
    wanted: &T,
) -> anyhow::Result<()> {
    ensure!(found == wanted, "{what}: found {found:?}, wanted {wanted:?}");
    tell.fact(what);
    Ok(())
}

/// Something must be so.
pub(crate) fn holds(tell: &mut dyn Tell, what: &str, so: bool) -> anyhow::Result<()> {
    ensure!(so, "not so: {what}");
    tell.fact(what);
    Ok(())
}
