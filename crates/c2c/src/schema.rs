//! JSON text to value, or a list of violations with path, line, column, value and cure.
