// Starts the app, and keeps its files for when there is no network.
import { engine } from './engine.js';

try {
  // What stands in the page is drawn first: what is large comes after it, and takes nothing from its line.
  await drawn();
  const [{ default: start }, module] = await Promise.all([import('./c2c_web.js'), engine()]);
  await start({ module_or_path: module });
} catch (error) {
  const boot = document.getElementById('boot');
  if (boot) {
    boot.className = 'notice notice-bad';
    boot.textContent = `The app could not start: ${error.message}. Reload the page; if it stays so, your browser may be too old for WebAssembly.`;
  }
  throw error;
}

// Browsers keep files only for safe addresses, and some are told not to: the app works without.
navigator.serviceWorker?.register(new URL('keep.js', import.meta.url)).catch(() => {});

/** Until the page was drawn once; in a tab that nobody sees nothing ever is. */
function drawn() {
  if (document.visibilityState === 'hidden') return undefined;
  return Promise.race([
    new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    new Promise((done) => setTimeout(done, 1000)),
  ]);
}
