//! Route broadcasts: what arrives, and what to tell each peer.
