//! The engine: inputs, outputs, united error.
