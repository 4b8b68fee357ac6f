//! ARIMA with automatic selection, seasonal, bounded.
//!
//! Hyndman, Khandakar (2008), "Automatic time series forecasting: the forecast package for R",
//! Journal of Statistical Software 27: orders by a stepwise walk over AICc, differences by KPSS
//! and seasonal strength. Every candidate is fitted by exact maximum likelihood.

mod difference;
mod filter;
mod fit;
mod polynomial;
mod search;

pub(crate) use search::{Chosen, select};
