//! Agreeing on a ledger: terms, shared secret, token, the six facts.
