//! The ledger between two peers: balances, limits, transfers.
