//! Assignment, territories, quotas and routes: optima with bounds and reasons.
