//! The web app's files, served from a folder as they are.
//!
//! The page may run its own scripts and wasm and nothing else. It may call any https host and plain
//! http on loopback, since the peering wizard reads host records in the browser.

use std::path::{Component, Path, PathBuf};

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::error::Refusal;

const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; worker-src 'self'; manifest-src 'self'; \
    connect-src 'self' https: http://127.0.0.1:* http://localhost:*; \
    base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const NO_SITE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>c2c</title>\
    <h1>This connector runs</h1><p>It was started without the web app. \
    Build it with <code>cargo xtask www</code> and start with <code>--web target/www</code>.</p></html>";

/// The file for `path` (as it stands in the address), or the start page where a view is named.
pub async fn serve(root: Option<PathBuf>, path: &str) -> Response {
    let Some(root) = root else {
        return match path {
            "/" => page("text/html; charset=utf-8", NO_SITE.into()),
            _ => missing(),
        };
    };
    let Some(relative) = relative(path) else {
        return missing();
    };
    // A name with an extension is a file and may be missing; anything else is a view of the app.
    let is_file = relative.extension().is_some();
    let wanted = if is_file {
        root.join(&relative)
    } else {
        root.join("index.html")
    };
    let read = tokio::task::spawn_blocking(move || std::fs::read(wanted)).await;
    match read {
        Ok(Ok(bytes)) if is_file => page(content_type(&relative), bytes),
        Ok(Ok(bytes)) => page("text/html; charset=utf-8", bytes),
        _ => missing(),
    }
}

fn missing() -> Response {
    Refusal::new(
        StatusCode::NOT_FOUND,
        "NOT_FOUND",
        "There is no page or file of this name.",
    )
    .into_response()
}

/// The path below the root, or nothing if it would leave it.
fn relative(path: &str) -> Option<PathBuf> {
    let decoded = percent_decode(path.trim_start_matches('/'))?;
    let path = PathBuf::from(decoded);
    path.components()
        .all(|part| matches!(part, Component::Normal(name) if !name.to_string_lossy().starts_with('.')))
        .then_some(path)
}

fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit()? * 16 + digit()?;
        bytes.push(u8::try_from(value).ok()?);
    }
    let text = String::from_utf8(bytes).ok()?;
    (!text.contains(['\0', '\\'])).then_some(text)
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn page(kind: &'static str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    fn header(response: &Response, name: header::HeaderName) -> &str {
        response.headers()[name].to_str().unwrap()
    }

    #[tokio::test]
    async fn files_have_their_types_and_views_get_the_start_page() {
        let folder = Scratch::new();
        for (name, text) in [
            ("index.html", "start"),
            ("app_bg.wasm", "\0asm"),
            ("app.js", "1"),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let root = || Some(folder.path().to_owned());
        let wasm = serve(root(), "/app_bg.wasm").await;
        assert_eq!(header(&wasm, header::CONTENT_TYPE), "application/wasm");
        let view = serve(root(), "/routes/g.us").await;
        assert_eq!(
            view.status(),
            StatusCode::NOT_FOUND,
            "a name with an extension is a file"
        );
        let view = serve(root(), "/routes").await;
        assert_eq!(
            header(&view, header::CONTENT_TYPE),
            "text/html; charset=utf-8"
        );
        let policy = header(&view, header::CONTENT_SECURITY_POLICY);
        assert!(policy.contains("connect-src 'self' https:") && !policy.contains("unsafe-inline"));
        assert_eq!(
            serve(root(), "/missing.js").await.status(),
            StatusCode::NOT_FOUND
        );
    }

    #[tokio::test]
    async fn nothing_outside_the_folder_is_served() {
        let folder = Scratch::new();
        std::fs::create_dir(folder.path().join("www")).unwrap();
        std::fs::write(folder.path().join("secret.txt"), "s").unwrap();
        std::fs::write(folder.path().join("www/.hidden.txt"), "s").unwrap();
        for path in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/..%2fsecret.txt",
            "/%2e%2e%2fsecret.txt",
            "/..\\secret.txt",
            "/.hidden.txt",
            "/%",
            "/%zz.txt",
            "//etc/hosts.txt",
        ] {
            let found = serve(Some(folder.path().join("www")), path).await;
            assert_eq!(found.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[tokio::test]
    async fn without_the_app_the_start_page_says_how_to_get_it() {
        let page = serve(None, "/").await;
        assert_eq!(page.status(), StatusCode::OK);
    }
}
