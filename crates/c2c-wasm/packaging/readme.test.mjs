// Every example of the README, unchanged, against the packed package: what it prints is what its comments say.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { install, run } from './installed.mjs';

let project;
let examples;
let requireLine;

const promised = (example) => [...example.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map(([, comment]) => comment);

before(() => {
  project = install();
  const readme = readFileSync(join(project, 'node_modules/ilp-c2c/README.md'), 'utf8');
  const blocks = [...readme.matchAll(/```js\n(.*?)```/gs)].map(([, code]) => code);
  examples = blocks.filter((block) => block.includes('console.log'));
  [requireLine] = blocks.filter((block) => !block.includes('console.log'));
  assert.ok(examples.length > 4 && requireLine.includes('require('));
});
after(() => rmSync(project, { recursive: true }));

test('as ES modules', () => {
  examples.forEach((example, i) => {
    assert.ok(promised(example).length > 1, 'the example prints and says what');
    assert.deepEqual(run(project, `example-${i}.mjs`, example), promised(example));
  });
});

test('as CommonJS, with the first line the README gives for it', () => {
  const [example] = examples;
  const [first] = example.split('\n');
  assert.match(first, /^import /);
  const program = example.replace(first, requireLine.trim());
  assert.deepEqual(run(project, 'example.cjs', program), promised(example));
});

test('the reference page names everything there is, and nothing else', () => {
  const page = readFileSync(new URL('../../../www/api.html', import.meta.url), 'utf8');
  const installed = createRequire(join(project, 'from.cjs'));
  const entries = ['ilp-c2c', 'ilp-c2c/connector', 'ilp-c2c/ilp-routing', 'ilp-c2c/ilp-plugin-virtual'];
  const known = entries.flatMap((entry) => Object.keys(installed(entry)).map((name) => `${entry}.${name}`));
  const told = [...page.matchAll(/<dt id="([^"]+)"/g)].map(([, id]) => id);
  assert.deepEqual(told.sort(), known.sort());
});
