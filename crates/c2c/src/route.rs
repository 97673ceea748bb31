//! Routes: hops, path length, joining, combining.
