//! Forecasting of regular series: models, intervals, combination, cleaning.
