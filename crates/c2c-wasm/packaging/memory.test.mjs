// Memory stays flat in a loop that never rests; `cargo xtask memory` is the long one.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { install } from './installed.mjs';
import { load, merges } from './memory.mjs';

let project;
before(() => {
  project = install();
});
after(() => rmSync(project, { recursive: true }));

test('50,000 merges take no more memory than 5,000', () => {
  const { api, bytesInside } = load(project);
  const sizes = merges(api, bytesInside, 50_000);
  assert.equal(sizes.length, 50);
  assert.equal(sizes.at(-1), sizes[4], `${sizes}`);
  assert.ok(sizes.at(-1) < 32 * 2 ** 20, `${sizes.at(-1)} bytes`);
});
