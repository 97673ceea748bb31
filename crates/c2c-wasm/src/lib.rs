//! The c2c engine for JavaScript.
