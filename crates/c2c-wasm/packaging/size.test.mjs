// What the usual entry takes of the network, and that what was packed comes out as it went in.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import lzma from 'lzma';
import { unpack } from '../entry/unpack.js';
import { install } from './installed.mjs';

/** Bytes, as gzip packs them. */
const MOST = 120_000;

let project;
before(() => {
  project = install();
});
after(() => rmSync(project, { recursive: true }));

/** A file of the package and all that it imports. */
function imported(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  const source = readFileSync(file, 'utf8');
  for (const [, path] of source.matchAll(/\b(?:from|import)\s?"(\.[^"]+)"/g)) imported(join(dirname(file), path), found);
  return found;
}

test('the inlined entry takes at most 120 kB, as gzip packs it', (context) => {
  const files = [...imported(join(project, 'node_modules/ilp-c2c/index.js'))];
  assert.ok(files.some((file) => file.endsWith('/inlined.js')), `${files}`);
  const sizes = files.map((file) => gzipSync(readFileSync(file), { level: 9 }).length);
  const sum = sizes.reduce((all, size) => all + size);
  context.diagnostic(`${sum} bytes in ${files.length} files`);
  assert.ok(sum <= MOST, `${sum} bytes`);
  assert.ok(sum > 1000);
});

test('what LZMA packed is unpacked', () => {
  const text = Buffer.from('the same again and again, '.repeat(100) + 'and then not');
  const mixed = Buffer.concat([text, randomBytes(900), text, randomBytes(300), Buffer.alloc(3000, 7), text]);
  for (const given of [Buffer.from('a'), text, randomBytes(500), Buffer.alloc(2000), mixed]) {
    for (const level of [1, 9]) {
      const packed = Buffer.from(lzma.compress(given, level));
      packed.writeBigUInt64LE(BigInt(given.length), 5);
      assert.equal(Buffer.compare(Buffer.from(unpack(packed)), given), 0, `${given.length} bytes, level ${level}`);
    }
  }
});
