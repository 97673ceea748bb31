//! A text as a code for cameras.

use qrcodegen::{QrCode, QrCodeEcc};
use yew::prelude::*;

/// Properties of [`Qr`].
#[derive(Properties, PartialEq)]
pub struct QrProps {
    /// What it says.
    pub text: AttrValue,
    /// What it is, for whoever does not see it.
    pub label: AttrValue,
}

/// The code as a drawing, dark on light in either theme, as cameras want it.
#[function_component(Qr)]
pub fn qr(props: &QrProps) -> Html {
    let drawn = use_memo(props.text.clone(), |text| path(text));
    match &*drawn {
        Some((side, path)) => html! {
            <svg class="qr" role="img" aria-label={props.label.clone()} data-testid="qr"
                viewBox={format!("0 0 {side} {side}")} shape-rendering="crispEdges">
                <rect width={side.to_string()} height={side.to_string()} fill="#ffffff" />
                <path d={path.clone()} fill="#000000" />
            </svg>
        },
        None => {
            html! { <p class="hint">{"This is too long for a code that a camera could read. Use the link."}</p> }
        }
    }
}

/// The side of the drawing in modules, with four of light around, and the dark runs of each row.
fn path(text: &str) -> Option<(i32, String)> {
    const QUIET: i32 = 4;
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            let run = (x..size).take_while(|&x| code.get_module(x, y)).count();
            let run = i32::try_from(run).ok()?;
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET));
            }
            x += run.max(1);
        }
    }
    Some((size + 2 * QUIET, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_corner_is_drawn_as_runs() {
        let (side, path) = path("https://wallet1.example").unwrap();
        assert_eq!(side, 25 + 8);
        assert!(path.starts_with("M4 4h7v1h-7z"), "{path}");
        assert!(super::path(&"x".repeat(3_000)).is_none());
    }
}
