//! What is wrong, in the words of the product.

use std::rc::Rc;

use c2c::peering::FieldError;

/// Something that is wrong, with its stable code and the cure in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Such as `WF_NO_KEY`.
    pub code: Rc<str>,
    /// What is wrong, and what to do.
    pub message: Rc<str>,
    /// Where exactly, for whoever has to mend it.
    pub hint: Option<Rc<str>>,
}

impl Problem {
    /// A problem with a stable code and a text for people.
    pub fn new(code: &str, message: impl ToString) -> Self {
        Self {
            code: code.into(),
            message: message.to_string().into(),
            hint: None,
        }
    }

    /// What a field is refused for.
    pub fn of_field(fault: &FieldError) -> Self {
        let problem = Self::new(fault.code(), fault);
        match fault.hint() {
            Some(hint) => problem.with_hint(hint.to_owned()),
            None => problem,
        }
    }

    /// With where exactly the fault is.
    #[must_use]
    pub fn with_hint(self, hint: String) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}
