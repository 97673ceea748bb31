//! Binary ILP packets in octet encoding rules.
