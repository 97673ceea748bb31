// Keeps the app's own files, so that it opens without a network after it was opened once. Nothing but
// those files is kept: no answer of a connector, no record of a host.
const FILES = ['./', 'index.html', 'style.css', 'icon.svg', 'load.js', 'engine.js', 'worker.js', 'c2c_web.js', 'c2c_web_bg.wasm'];
const KEPT = 'c2c-app';

const own = new Set(FILES.map((name) => new URL(name, self.registration.scope).href));

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll([...own])).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { href } = new URL(event.request.url.split(/[?#]/)[0]);
  if (event.request.method !== 'GET' || !own.has(href)) return;
  event.respondWith(fresh(event.request, href));
});

/** The network's answer, which is kept; without a network, what was kept last. */
async function fresh(request, href) {
  const cache = await caches.open(KEPT);
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(href, response.clone());
    return response;
  } catch (error) {
    const kept = await cache.match(href);
    if (kept) return kept;
    throw error;
  }
}
