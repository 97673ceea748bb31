//! A link that shows the same, and files.

use std::rc::Rc;

use c2c::snapshot::RouteView;
use yew::prelude::*;
use zeroize::Zeroizing;

use crate::page::Copy;
use crate::route_view::Detail;
use crate::share::{self, Shared, save};

/// Properties of [`HandOn`].
#[derive(Properties, PartialEq)]
pub struct HandOnProps {
    /// What is shown.
    pub detail: Rc<Detail>,
    /// The route itself.
    pub route: Rc<RouteView>,
    /// What the link says, without the route.
    pub shared: Shared,
}

/// The buttons that hand on what is shown.
#[function_component(HandOn)]
pub fn hand_on(props: &HandOnProps) -> Html {
    let detail = &props.detail;
    // A route of many points is long to write: once will do.
    let data = use_memo(props.route.clone(), |route| share::data(route));
    let whole = data.is_some();
    let shared = Shared {
        data: (*data).clone(),
        ..props.shared.clone()
    };
    let name = match detail.selection.to.trim_end_matches('.') {
        "" => "anywhere".to_owned(),
        to => to.to_owned(),
    };
    let link =
        Callback::from(move |()| Zeroizing::new(format!("{}{}", share::here(), shared.link())));
    let file = |label: &'static str, act: Callback<MouseEvent>| {
        html! { <button type="button" class="quiet" onclick={act} data-testid={format!("save-{}", label.to_lowercase())}>{ label }</button> }
    };
    let (for_csv, for_json) = (detail.clone(), props.route.clone());
    let named = |kind: &str| format!("{name}.{kind}");
    let (csv, json, svg, png) = (named("csv"), named("json"), named("svg"), named("png"));
    html! {
        <div class="row hand-on" role="group" aria-label="Hand on">
            <span class="label">{"Link"}</span>
            <Copy label="Copy a link that shows this" text={link} />
            <span class="label">{"Save as"}</span>
            { file("SVG", Callback::from(move |_| save::svg(&svg))) }
            { file("PNG", Callback::from(move |_| save::png(&png))) }
            { file("CSV", Callback::from(move |_| save::text(&csv, "text/csv", &share::csv(&for_csv)))) }
            { file("JSON", Callback::from(move |_| save::text(&json, "application/json", &share::json(&for_json)))) }
            if !whole {
                <p class="hint">{"This route is too long for a link: whoever gets one opens the saved JSON beside it."}</p>
            }
        </div>
    }
}
