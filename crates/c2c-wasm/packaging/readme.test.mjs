// The README's example, unchanged, against the packed package: what it prints is what its comments say.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { install, run } from './installed.mjs';

let project;
let example;
let requireLine;
let promised;

before(() => {
  project = install();
  const readme = readFileSync(join(project, 'node_modules/ilp-c2c/README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
  [example, requireLine] = blocks;
  promised = [...example.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);
  assert.ok(promised.length > 4, 'the example prints and says what');
});
after(() => rmSync(project, { recursive: true }));

test('as ES module', () => {
  assert.deepEqual(run(project, 'example.mjs', example), promised);
});

test('as CommonJS, with the first line the README gives for it', () => {
  const [first] = example.split('\n');
  assert.match(first, /^import /);
  const program = example.replace(first, requireLine.trim());
  assert.deepEqual(run(project, 'example.cjs', program), promised);
});
