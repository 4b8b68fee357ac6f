//! Scoring of leads and opportunities: models, calibration, contributions, drift.
