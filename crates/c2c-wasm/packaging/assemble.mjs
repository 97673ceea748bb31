// `node assemble.mjs FOLDER VERSION`: makes the package in FOLDER, where the generated engine lies already.
import { copyFile, cp, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';

const [folder, version] = process.argv.slice(2);
const from = (name) => fileURLToPath(new URL(name, import.meta.url));
const into = (name) => join(folder, name);

await cp(from('../entry'), folder, { recursive: true });
await copyFile(from('../README.md'), into('README.md'));
await copyFile(from('../MIGRATION.md'), into('MIGRATION.md'));
await copyFile(from('../../../LICENSE'), into('LICENSE'));
await rename(into('engine_bg.wasm'), into('c2c.wasm'));
await rename(into('connector-engine_bg.wasm'), into('connector.wasm'));

const manifest = JSON.parse(await readFile(into('package.json'), 'utf8'));
await writeFile(into('package.json'), `${JSON.stringify({ ...manifest, version }, null, 2)}\n`);

// The drop-in answers with the BigNumber that ilp-routing answered with.
const bignumber = from('node_modules/bignumber.js/');
await copyFile(join(bignumber, 'bignumber.mjs'), into('ilp-routing/bignumber.js'));
await copyFile(join(bignumber, 'LICENCE'), into('ilp-routing/bignumber.LICENCE'));

for (const [wasm, name] of [['c2c.wasm', 'inlined.js'], ['connector.wasm', 'inlined-connector.js']]) {
  const text = (await readFile(into(wasm))).toString('base64');
  await writeFile(
    into(name),
    `const text = '${text}';

/** The engine's bytes. */
export function wasm() {
  if (typeof Buffer === 'function') return Buffer.from(text, 'base64');
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
`,
  );
}

// The same files for `require`, in a folder where .js and .d.ts mean CommonJS.
const names = await readdir(folder, { recursive: true });
for (const name of names.filter((name) => /\.(js|d\.ts)$/.test(name))) {
  const target = into(join('cjs', name));
  await mkdir(dirname(target), { recursive: true });
  if (name.endsWith('.d.ts')) {
    await copyFile(into(name), target);
    continue;
  }
  const source = await readFile(into(name), 'utf8');
  const { code, warnings } = await transform(source, {
    format: 'cjs',
    platform: 'neutral',
    target: 'es2022',
    legalComments: 'inline',
  });
  if (warnings.length > 0) throw new Error(`${name}: ${warnings[0].text}`);
  await writeFile(target, code);
}
await writeFile(into('cjs/package.json'), '{ "type": "commonjs" }\n');
