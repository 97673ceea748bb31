//! Files for the reader: a text as it is, the chart as a picture with its colours written into it.

use wasm_bindgen::JsCast as _;
use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use web_sys::{
    Blob, BlobPropertyBag, Document, Element, HtmlAnchorElement, HtmlCanvasElement,
    HtmlImageElement, Url,
};

/// What a picture needs to look the same without the style sheet.
const LOOKS: [&str; 10] = [
    "fill",
    "stroke",
    "stroke-width",
    "stroke-dasharray",
    "stroke-linejoin",
    "opacity",
    "font-size",
    "font-family",
    "font-weight",
    "paint-order",
];

/// Twice as many pixels as on the screen.
const SHARP: f64 = 2.0;

/// Saves a text as a file.
pub fn text(name: &str, kind: &str, text: &str) {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = js_sys::Array::of1(&JsValue::from_str(text));
    if let Ok(blob) = Blob::new_with_str_sequence_and_options(&parts, &options) {
        blob_as(name, &blob);
    }
}

/// Saves the chart as SVG.
pub fn svg(name: &str) {
    if let Some((picture, ..)) = chart() {
        text(name, "image/svg+xml", &picture);
    }
}

/// Saves the chart as PNG.
pub fn png(name: &str) {
    let (Some((picture, width, height)), Some(document)) = (chart(), document()) else {
        return;
    };
    let Ok(image) = HtmlImageElement::new() else {
        return;
    };
    let (name, drawn) = (name.to_owned(), image.clone());
    let draw = Closure::once_into_js(move || {
        // A browser that has no canvas saves nothing.
        let _ = paint(&document, &drawn, width, height, name);
    });
    image.set_onload(Some(draw.unchecked_ref()));
    image.set_src(&format!(
        "data:image/svg+xml;charset=utf-8,{}",
        String::from(js_sys::encode_uri_component(&picture))
    ));
}

fn paint(
    document: &Document,
    image: &HtmlImageElement,
    width: f64,
    height: f64,
    name: String,
) -> Option<()> {
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    // A chart is a few thousand pixels wide at most.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let (wide, high) = ((width * SHARP) as u32, (height * SHARP) as u32);
    canvas.set_width(wide);
    canvas.set_height(high);
    let pen: web_sys::CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    pen.draw_image_with_html_image_element_and_dw_and_dh(
        image,
        0.0,
        0.0,
        width * SHARP,
        height * SHARP,
    )
    .ok()?;
    let saved = Closure::once_into_js(move |blob: JsValue| {
        if let Ok(blob) = blob.dyn_into::<Blob>() {
            blob_as(&name, &blob);
        }
    });
    canvas.to_blob(saved.unchecked_ref()).ok()
}

fn blob_as(name: &str, blob: &Blob) {
    let link = document().and_then(|document| {
        document
            .create_element("a")
            .ok()?
            .dyn_into::<HtmlAnchorElement>()
            .ok()
    });
    if let (Some(link), Ok(url)) = (link, Url::create_object_url_with_blob(blob)) {
        link.set_href(&url);
        link.set_download(name);
        link.click();
        // The browser has taken the file by then; if not, only its memory stays longer.
        let _ = Url::revoke_object_url(&url);
    }
}

/// The chart with its looks written into it, and its size.
fn chart() -> Option<(String, f64, f64)> {
    let window = web_sys::window()?;
    let shown = document()?.query_selector(".chart-frame > svg").ok()??;
    let copy: Element = shown.clone_node_with_deep(true).ok()?.dyn_into().ok()?;
    let size = shown.get_bounding_client_rect();
    let (all, copies) = (
        shown.query_selector_all("*").ok()?,
        copy.query_selector_all("*").ok()?,
    );
    for at in 0..all.length() {
        let (Some(one), Some(other)) = (all.get(at), copies.get(at)) else {
            continue;
        };
        let (Ok(one), Ok(other)) = (one.dyn_into::<Element>(), other.dyn_into::<Element>()) else {
            continue;
        };
        let Some(style) = window.get_computed_style(&one).ok().flatten() else {
            continue;
        };
        for look in LOOKS {
            if let Ok(value) = style.get_property_value(look) {
                // A name and value from the browser itself are never refused.
                let _ = other.set_attribute(look, &value);
            }
        }
    }
    let paper = document()?
        .body()
        .and_then(|body| window.get_computed_style(&body).ok().flatten());
    let paper = paper
        .and_then(|style| style.get_property_value("background-color").ok())
        .unwrap_or_default();
    let (width, height) = (size.width(), size.height());
    let inside = copy.inner_html();
    let picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\"><rect width=\"100%\" height=\"100%\" fill=\"{paper}\"/>{inside}</svg>\n"
    );
    Some((picture, width, height))
}

fn document() -> Option<Document> {
    web_sys::window()?.document()
}
