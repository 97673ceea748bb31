//! The WebFinger record of a connector's host: address, contents, reading.
