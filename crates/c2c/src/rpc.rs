//! The remote procedure calls of a peer ledger, one method a file.
