// Starts the app. The engine is fetched beside its glue code; where a server sends it with another
// content type than application/wasm, it is compiled from its bytes instead of from the stream.
const wasm = fetch(new URL('c2c_web_bg.wasm', import.meta.url));

async function compile() {
  const response = await wasm;
  if (!response.ok) throw new Error(`the engine's file was answered with status ${response.status}`);
  const type = response.headers.get('content-type') ?? '';
  return type.startsWith('application/wasm')
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

try {
  const { default: start } = await import('./c2c_web.js');
  await start({ module_or_path: await compile() });
} catch (error) {
  const boot = document.getElementById('boot');
  if (boot) {
    boot.className = 'notice notice-bad';
    boot.textContent = `The app could not start: ${error.message}. Reload the page; if it stays so, your browser may be too old for WebAssembly.`;
  }
  throw error;
}
