// `node assemble.mjs FOLDER VERSION`: makes the package in FOLDER, where the generated engine lies already.
import { copyFile, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const [folder, version] = process.argv.slice(2);
const entry = new URL('../entry/', import.meta.url);
const into = (name) => join(folder, name);

for (const name of await readdir(entry)) await copyFile(new URL(name, entry), into(name));
await copyFile(new URL('../README.md', import.meta.url), into('README.md'));
await copyFile(new URL('../../../LICENSE', import.meta.url), into('LICENSE'));
await rename(into('engine_bg.wasm'), into('c2c.wasm'));

const manifest = JSON.parse(await readFile(into('package.json'), 'utf8'));
await writeFile(into('package.json'), `${JSON.stringify({ ...manifest, version }, null, 2)}\n`);

const text = (await readFile(into('c2c.wasm'))).toString('base64');
await writeFile(
  into('inlined.js'),
  `const text = '${text}';

/** The engine's bytes. */
export function wasm() {
  if (typeof Buffer === 'function') return Buffer.from(text, 'base64');
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
`,
);

for (const name of ['index', 'slim']) {
  await build({
    entryPoints: [into(`${name}.js`)],
    outfile: into(`${name}.cjs`),
    bundle: true,
    format: 'cjs',
    platform: 'neutral',
    target: 'es2022',
    logLevel: 'warning',
    logOverride: { 'import-is-undefined': 'error' },
  });
  await writeFile(
    into(`${name}.d.cts`),
    (await readFile(into(`${name}.d.ts`), 'utf8')).replaceAll("'./api.js'", "'./api.cjs'"),
  );
}
// Declarations for `require` must be of their own kind, or TypeScript takes them for an ES module's.
await copyFile(into('api.d.ts'), into('api.d.cts'));
