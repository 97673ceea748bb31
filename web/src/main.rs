//! The web app of the connector: a peering wizard and a view of its routes.
//!
//! [`app`] holds the state and the frame, [`client`] is the only way out, [`feed`] where the shown
//! data comes from, [`open`] what a text of it says and [`book`] its routes; [`worker`] does that
//! beside the page. The rooms [`wizard`] and [`route_view`] keep their state in pure reducers and
//! draw it; [`lab`] plays networks, [`directory`] is who wants to be found, [`curve_view`] is the chart, [`vault`] what is kept in the browser.

mod app;
mod book;
mod client;
mod compare;
mod curve_view;
mod directory;
mod feed;
mod graph;
mod lab;
mod open;
mod operate;
mod overview;
mod page;
mod route_view;
mod share;
mod timeline;
mod unit;
mod validate;
mod vault;
mod wizard;
mod worker;

fn main() {
    if worker::serve() {
        return;
    }
    // The element is in `index.html`; without it there is nothing to draw on and nobody to tell.
    let root = web_sys::window()
        .and_then(|window| window.document())
        .and_then(|document| document.get_element_by_id("app"));
    if let Some(root) = root {
        // What the page said while it loaded gives way.
        root.set_inner_html("");
        yew::Renderer::<app::App>::with_root(root).render();
    }
}
