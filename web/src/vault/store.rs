//! One table of texts in IndexedDB. It is made only when something is put into it.

use futures::channel::oneshot;
use gloo_events::EventListener;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{
    Event, IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransactionMode,
};

const NAME: &str = "c2c";
const TABLE: &str = "kept";

/// The secrets, sealed.
pub const VAULT: &str = "vault";
/// The peerings, without their secrets.
pub const PEERINGS: &str = "peerings";

/// What is kept under `key`; nothing where nothing is, or the browser keeps nothing.
pub async fn get(key: &str) -> Option<String> {
    let database = open(false).await?;
    let text = async {
        let request = table(&database, IdbTransactionMode::Readonly)?
            .get(&JsValue::from_str(key))
            .ok()?;
        done(&request).await?.as_string()
    }
    .await;
    database.close();
    text
}

/// Keeps `text` under `key`; whether the browser did.
pub async fn put(key: &str, text: &str) -> bool {
    let Some(database) = open(true).await else {
        return false;
    };
    let kept = async {
        let request = table(&database, IdbTransactionMode::Readwrite)?
            .put_with_key(&JsValue::from_str(text), &JsValue::from_str(key))
            .ok()?;
        done(&request).await
    }
    .await;
    database.close();
    kept.is_some()
}

/// Forgets what is kept under `key`.
pub async fn forget(key: &str) -> bool {
    let Some(database) = open(false).await else {
        return true;
    };
    let gone = async {
        let request = table(&database, IdbTransactionMode::Readwrite)?
            .delete(&JsValue::from_str(key))
            .ok()?;
        done(&request).await
    }
    .await;
    database.close();
    gone.is_some()
}

/// Opens the database. Where there is none, and none is to be made, the making is called off.
async fn open(make: bool) -> Option<IdbDatabase> {
    let factory = web_sys::window()?.indexed_db().ok()??;
    let request: IdbOpenDbRequest = factory.open_with_u32(NAME, 1).ok()?;
    let upgrading = request.clone();
    let upgrade = EventListener::once(&request, "upgradeneeded", move |_| {
        let made = upgrading
            .result()
            .ok()
            .and_then(|database| database.dyn_into::<IdbDatabase>().ok())
            .filter(|_| make)
            .is_some_and(|database| database.create_object_store(TABLE).is_ok());
        if let (false, Some(transaction)) = (made, upgrading.transaction()) {
            // Called off: the request fails, and leaves nothing behind.
            drop(transaction.abort());
        }
    });
    let database = done(request.unchecked_ref()).await;
    drop(upgrade);
    database?.dyn_into().ok()
}

fn table(database: &IdbDatabase, mode: IdbTransactionMode) -> Option<IdbObjectStore> {
    database
        .transaction_with_str_and_mode(TABLE, mode)
        .ok()?
        .object_store(TABLE)
        .ok()
}

/// The result of a request; nothing where it failed.
async fn done(request: &IdbRequest) -> Option<JsValue> {
    let (tell, told) = oneshot::channel();
    let mut tell = Some(tell);
    let tell = std::rc::Rc::new(std::cell::RefCell::new(move |well: bool| {
        if let Some(tell) = tell.take() {
            // Whoever waited may have gone.
            let _ = tell.send(well);
        }
    }));
    let listen = |name: &'static str, well: bool| {
        let tell = tell.clone();
        EventListener::once(request, name, move |event: &Event| {
            event.stop_propagation();
            (tell.borrow_mut())(well);
        })
    };
    let listeners = [listen("success", true), listen("error", false)];
    let well = told.await;
    drop(listeners);
    well.ok().filter(|well| *well)?;
    request.result().ok()
}
