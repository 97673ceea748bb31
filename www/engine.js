// The engine's code; where a server sends it with another content type than application/wasm, it is compiled from
// its bytes instead of from the stream.
export async function engine() {
  const response = await fetch(new URL('c2c_web_bg.wasm', import.meta.url));
  if (!response.ok) throw new Error(`the engine's file was answered with status ${response.status}`);
  const type = response.headers.get('content-type') ?? '';
  return type.startsWith('application/wasm')
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}
