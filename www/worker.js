// The same engine once more, beside the page: it reads what is large and simulates what takes long.
import { engine } from './engine.js';

// What is asked before the engine is ready waits for it.
const early = [];
const hold = (event) => early.push(event.data);
self.addEventListener('message', hold);

const { default: start } = await import('./c2c_web.js');
await start({ module_or_path: await engine() });
self.removeEventListener('message', hold);
for (const data of early) self.dispatchEvent(new MessageEvent('message', { data }));
