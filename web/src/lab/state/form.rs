//! What is filled in before a network is there.

use crate::lab::preset::COUNTS;
use crate::lab::{Net, Preset};

/// The fields, as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Which kind of network.
    pub preset: Preset,
    /// How many connectors.
    pub count: String,
    /// What makes the rest.
    pub seed: String,
}

impl Default for Form {
    fn default() -> Self {
        Form {
            preset: Preset::default(),
            count: "8".to_owned(),
            seed: "1".to_owned(),
        }
    }
}

impl Form {
    /// The network that is meant, or what is wrong with a field.
    pub fn net(&self) -> Result<Net, String> {
        let (least, most) = COUNTS;
        let count = self.count.trim().parse().ok();
        let count = count.filter(|count| (least..=most).contains(count));
        let count = count.ok_or_else(|| {
            format!(
                "\"{}\" is no number of connectors. Write one from {least} to {most}.",
                short(&self.count)
            )
        })?;
        let seed = self.seed.trim().parse().map_err(|_| {
            format!(
                "\"{}\" is no seed. Write a whole number.",
                short(&self.seed)
            )
        })?;
        Ok(Net::Preset {
            preset: self.preset,
            count,
            seed,
        })
    }

    /// Shows what was opened by a link.
    pub fn show(&mut self, net: &Net) {
        if let Net::Preset {
            preset,
            count,
            seed,
        } = net
        {
            *self = Form {
                preset: *preset,
                count: count.to_string(),
                seed: seed.to_string(),
            };
        }
    }
}

fn short(text: &str) -> String {
    text.chars().take(20).collect()
}
