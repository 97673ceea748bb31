//! Liquidity curves.
