//! Routing tables in wasm, for `table.mjs` to call. Tables stay inside.

use std::cell::RefCell;

use c2c::broadcast::Incoming;
use c2c::table::{HeardRoute, Tables};

#[path = "../../c2c/benches/table/world.rs"]
#[allow(dead_code, clippy::unwrap_used)] // part of it is for the native side
mod world;

#[derive(Default)]
struct Kept {
    tables: Option<Tables>,
    incoming: Option<Incoming>,
    addresses: Vec<String>,
    batch: Vec<HeardRoute>,
}

thread_local! {
    static KEPT: RefCell<Kept> = RefCell::default();
}

fn with<T>(work: impl FnOnce(&mut Kept) -> T) -> T {
    KEPT.with_borrow_mut(work)
}

/// Tables with `count` destinations of `peers` peers, and a thousand addresses to ask for.
#[unsafe(no_mangle)]
pub extern "C" fn table_fill(count: usize, peers: usize) {
    let mut tables = world::tables();
    world::fill(&mut tables, count, peers);
    with(|kept| {
        kept.addresses = world::addresses(count, 1000);
        kept.tables = Some(tables);
        kept.incoming = Some(world::incoming());
    });
}

/// Makes the routes `from..to`, to be added.
#[unsafe(no_mangle)]
pub extern "C" fn table_batch(from: usize, to: usize) {
    with(|kept| kept.batch = (from..to).map(|i| world::route(i, 0)).collect());
}

/// Adds them; how many are new.
#[unsafe(no_mangle)]
pub extern "C" fn table_add() -> usize {
    with(|kept| {
        let (routes, tables) = (std::mem::take(&mut kept.batch), &mut kept.tables);
        let Some(tables) = tables else { return 0 };
        let added = routes.into_iter().filter_map(|route| {
            let added = tables.add_route(route, world::UNTIL).ok()?;
            added.is_new.then_some(())
        });
        added.count()
    })
}

/// Takes the routes `from..to` out again.
#[unsafe(no_mangle)]
pub extern "C" fn table_take_out(from: usize, to: usize) {
    with(|kept| {
        if let Some(tables) = &mut kept.tables {
            world::take_out(tables, from, to);
        }
    });
}

#[unsafe(no_mangle)]
pub extern "C" fn table_by_source() -> u64 {
    with(|kept| {
        let tables = kept.tables.as_ref();
        tables.map_or(0, |tables| world::by_source(tables, &kept.addresses))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn table_by_destination() -> u64 {
    with(|kept| {
        let tables = kept.tables.as_ref();
        tables.map_or(0, |tables| world::by_destination(tables, &kept.addresses))
    })
}

/// Reads, checks and takes the update in the buffer; how many routes were taken.
#[unsafe(no_mangle)]
pub extern "C" fn table_apply() -> usize {
    with(|kept| {
        let (Some(tables), Some(incoming)) = (&mut kept.tables, &mut kept.incoming) else {
            return 0;
        };
        super::BUFFER.with_borrow(|update| world::apply(incoming, tables, update))
    })
}
