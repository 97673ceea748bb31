//! The pictures in the documentation of curves, drawn by the curves themselves.
//!
//! They stand in `src/curve/*.svg`. If they no longer show what the engine does, this fails; then
//! `C2C_DRAW=1 cargo test -p c2c --test curve_pictures` draws them anew.

use std::fmt::Write as _;
use std::path::Path;

use c2c::curve::{Curve, Rounding};

/// Width and height of the plane that is drawn on, and the margin around it.
const SIZE: u64 = 300;
const MARGIN: u64 = 24;

/// A curve with its name, and how it is drawn.
struct Line<'a> {
    curve: &'a Curve,
    name: &'a str,
    style: &'a str,
}

const THIN: &str = r##"stroke="#7a8699" stroke-width="1.5""##;
const DASHED: &str = r##"stroke="#b0532f" stroke-width="1.5" stroke-dasharray="5 4""##;
const BOLD: &str = r##"stroke="#1463ff" stroke-width="3" stroke-opacity="0.75""##;

/// Draws lines up to `width` and `height`, their names at their right ends.
fn draw(title: &str, width: u64, height: u64, lines: &[Line]) -> String {
    let place = |x: u64, y: u64| (MARGIN + x * SIZE / width, MARGIN + SIZE - y * SIZE / height);
    let (left, bottom) = place(0, 0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" \
         role=\"img\" aria-label=\"{title}\" font-family=\"sans-serif\" font-size=\"11\" \
         fill=\"currentColor\">\n\
         <path d=\"M{left} {MARGIN}V{bottom}H{2}\" fill=\"none\" stroke=\"currentColor\"/>\n\
         <text x=\"{left}\" y=\"14\">out, to {height}</text>\n\
         <text x=\"{2}\" y=\"{3}\" text-anchor=\"end\">in, to {width}</text>\n",
        SIZE + 8 * MARGIN,
        SIZE + 2 * MARGIN,
        left + SIZE,
        bottom + 16
    );
    for Line { curve, name, style } in lines {
        let corners: Vec<String> = curve
            .points()
            .iter()
            .map(|p| (p.x, p.y))
            .chain([(width, curve.capacity().y)])
            .map(|(x, y)| place(x, y))
            .map(|(x, y)| format!("{x},{y}"))
            .collect();
        let (x, y) = place(width, curve.capacity().y);
        // A text takes everything that is written.
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" {style}/>\n<text x=\"{}\" y=\"{}\">{name}</text>",
            corners.join(" "),
            x + 6,
            y + 4
        );
    }
    svg.push_str("</svg>\n");
    svg
}

/// Holds a picture against the file, or writes the file where that is asked for.
#[allow(clippy::disallowed_methods)] // a test has an environment
fn hold(file: &str, picture: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("src/curve")
        .join(file);
    if std::env::var_os("C2C_DRAW").is_some() {
        std::fs::write(&path, picture).expect("a writable file");
    }
    let kept = std::fs::read_to_string(&path).expect("the picture");
    assert_eq!(
        kept,
        picture,
        "{} is out of date; see above",
        path.display()
    );
}

fn curve(points: &[(u64, u64)]) -> Curve {
    Curve::from_points(points.iter().copied()).expect("a curve")
}

#[test]
fn combine() {
    let small = curve(&[(0, 0), (50, 60)]);
    let large = curve(&[(0, 0), (100, 100)]);
    let best = small.combine(&large, Rounding::Sound);
    let lines = [
        Line {
            curve: &best,
            name: "combined",
            style: BOLD,
        },
        Line {
            curve: &small,
            name: "cheaper but smaller",
            style: DASHED,
        },
        Line {
            curve: &large,
            name: "",
            style: THIN,
        },
    ];
    hold(
        "combine.svg",
        &draw("The better of two curves", 120, 110, &lines),
    );
}

#[test]
fn join() {
    let head = curve(&[(0, 0), (40, 30), (100, 48)]);
    let tail = curve(&[(0, 0), (10, 30), (50, 80)]);
    let joined = Curve::join(&head, &tail, Rounding::Sound).expect("they meet");
    let lines = [
        Line {
            curve: &joined,
            name: "joined",
            style: BOLD,
        },
        Line {
            curve: &head,
            name: "head",
            style: THIN,
        },
        Line {
            curve: &tail,
            name: "tail",
            style: DASHED,
        },
    ];
    hold("join.svg", &draw("Two curves end to end", 110, 90, &lines));
}

#[test]
fn simplify() {
    let corners = [
        (0, 0),
        (8, 3),
        (15, 12),
        (22, 30),
        (30, 36),
        (38, 39),
        (47, 41),
        (55, 55),
        (63, 70),
        (74, 78),
        (86, 83),
        (100, 85),
    ];
    let original = curve(&corners);
    let simple = original.simplify(6, Rounding::Sound);
    let lines = [
        Line {
            curve: &simple,
            name: "6 points",
            style: BOLD,
        },
        Line {
            curve: &original,
            name: "",
            style: THIN,
        },
    ];
    hold(
        "simplify.svg",
        &draw("Twelve points, and six that stay below", 110, 95, &lines),
    );
}
