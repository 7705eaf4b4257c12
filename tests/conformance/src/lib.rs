//! The library under three measures: stated vectors, a second model, and the
//! laws its answers must obey. The measures are in `tests/`.
