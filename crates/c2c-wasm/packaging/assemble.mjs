// `node assemble.mjs FOLDER VERSION`: makes the package in FOLDER, where the generated engines lie already.
import { copyFile, cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import lzma from 'lzma';

const [folder, version] = process.argv.slice(2);
const from = (name) => fileURLToPath(new URL(name, import.meta.url));
const into = (name) => join(folder, name);
const ENTRIES = ['index', 'slim', 'connector', 'ilp-plugin-virtual', 'ilp-routing/index'];

const sources = into('sources');
await cp(from('../entry'), sources, { recursive: true });
const engines = {};
for (const name of ['curve-engine', 'engine', 'connector-engine']) {
  engines[name] = await readFile(into(`${name}_bg.wasm`));
  await copyFile(into(`${name}.js`), join(sources, `${name}.js`));
  await rm(into(`${name}_bg.wasm`));
  await rm(into(`${name}.js`));
}

// For whoever brings the engine: one file, the second engine in a custom section of the first, which browsers
// and Node pass over.
await writeFile(into('c2c.wasm'), Buffer.concat([engines['curve-engine'], section('c2c.rest', engines.engine)]));
await writeFile(into('connector.wasm'), engines['connector-engine']);

// Inlined: the first so that it is there at once, the second as small as can be. In one file, for one more to
// load takes about a tenth of the time from the import to the first answer.
// What is packed comes first: gzip makes half a kilobyte more of it behind the other.
await writeFile(into('inlined.js'), packed(bare(engines.engine)) + plain(bare(engines['curve-engine'])));
await writeFile(into('inlined-connector.js'), plain(bare(engines['connector-engine'])));

// The drop-in answers with the BigNumber that ilp-routing answered with.
const bignumber = from('node_modules/bignumber.js/');
await copyFile(join(bignumber, 'bignumber.mjs'), join(sources, 'ilp-routing/bignumber.js'));
await mkdir(into('ilp-routing'));
await copyFile(join(bignumber, 'LICENCE'), into('ilp-routing/bignumber.LICENCE'));

// What the entries share is in chunks: a file more to load takes longer than what is in it.
await build({
  entryPoints: ENTRIES.map((name) => join(sources, `${name}.js`)),
  outdir: folder,
  outbase: sources,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'neutral',
  target: 'es2022',
  chunkNames: 'shared-[hash]',
  // Names stay: they stand in stack traces.
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: 'inline',
  plugins: [
    {
      name: 'inlined engines stay files of their own',
      setup: ({ onResolve }) => onResolve({ filter: /^\.\/inlined/ }, ({ path }) => ({ path, external: true })),
    },
  ],
});
for (const name of await readdir(sources, { recursive: true })) {
  if (name.endsWith('.d.ts')) await copyFile(join(sources, name), into(name));
}
const manifest = JSON.parse(await readFile(join(sources, 'package.json'), 'utf8'));
await writeFile(into('package.json'), `${JSON.stringify({ ...manifest, version }, null, 2)}\n`);
await rm(sources, { recursive: true });
await copyFile(from('../README.md'), into('README.md'));
await copyFile(from('../MIGRATION.md'), into('MIGRATION.md'));
await copyFile(from('../../../LICENSE'), into('LICENSE'));
await copyFile(from('../../../NOTICE'), into('NOTICE'));

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
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'inline',
  });
  if (warnings.length > 0) throw new Error(`${name}: ${warnings[0].text}`);
  await writeFile(target, code);
}
await writeFile(into('cjs/package.json'), '{ "type": "commonjs" }\n');

/** A wasm module without its custom sections, which say what made it: nobody who runs it asks. */
function bare(module) {
  const parts = [module.subarray(0, 8)];
  for (let at = 8; at < module.length; ) {
    const start = at;
    const id = module[at++];
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      length |= (module[at] & 0x7f) << shift;
      if (module[at++] < 0x80) break;
    }
    at += length;
    if (id !== 0) parts.push(module.subarray(start, at));
  }
  return Buffer.concat(parts);
}

/** A custom section of a wasm module. */
function section(name, contents) {
  const title = Buffer.from(name);
  const body = Buffer.concat([leb128(title.length), title, contents]);
  return Buffer.concat([Buffer.of(0), leb128(body.length), body]);
}

function leb128(number) {
  const digits = [];
  for (let left = number; ; left >>>= 7) {
    if (left < 0x80) return Buffer.from([...digits, left]);
    digits.push((left & 0x7f) | 0x80);
  }
}

/**
 * The end of a module: bytes as a text of characters below 256. gzip makes a quarter less of it than of base64,
 * which tears apart what repeats; the file itself is ASCII.
 */
function plain(bytes) {
  let text = '';
  for (const [at, byte] of bytes.entries()) {
    const next = bytes[at + 1];
    if (byte === 0) text += next >= 48 && next <= 57 ? '\\x00' : '\\0';
    else if (byte === 10) text += '\\n';
    else if (byte === 13) text += '\\r';
    else if (byte === 39 || byte === 92) text += `\\${String.fromCharCode(byte)}`;
    else if (byte < 127) text += String.fromCharCode(byte);
    else text += `\\x${byte.toString(16)}`;
  }
  return `const text = '${text}';

/** The engine's bytes. */
export function wasm() {
  if (typeof Buffer === 'function') return Buffer.from(text, 'latin1');
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
`;
}

/** The beginning of a module: bytes packed by LZMA, as base64, which gzip makes into what was packed. */
function packed(bytes) {
  const text = Buffer.from(lzma.compress(bytes, 9));
  // The length, which is left open.
  text.writeBigUInt64LE(BigInt(bytes.length), 5);
  return `const rest = '${text.toString('base64')}';

/** The other engine's bytes, as LZMA packs them. */
export function packed() {
  if (typeof Buffer === 'function') return Buffer.from(rest, 'base64');
  return Uint8Array.from(atob(rest), (letter) => letter.charCodeAt(0));
}
`;
}
