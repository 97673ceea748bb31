//! Routing tables: longest prefix, best hop, expiry, the sentence why.
