//! Quotes: from the curve where there is one, asked remotely where there is none.
