// Starts the app, and keeps its files for when there is no network.
import { engine } from './engine.js';

try {
  const { default: start } = await import('./c2c_web.js');
  // What stands in the page already is drawn first; in a tab that nobody sees nothing is ever drawn.
  await Promise.race([
    new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    new Promise((waited) => setTimeout(waited, 100)),
  ]);
  await start({ module_or_path: await engine() });
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
