//! Messages over a peer ledger, one kind a file.
