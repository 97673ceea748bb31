// A short run of the drop-in beside ilp-routing 10.1.0; `cargo xtask differential` is the long one.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from './differential.mjs';
import { install } from './installed.mjs';

const require = createRequire(import.meta.url);
let project;
let installed;
before(() => {
  project = install();
  installed = createRequire(join(project, 'from.cjs'));
});
after(() => rmSync(project, { recursive: true }));

test('the drop-in answers what ilp-routing answers, but for the documented rules', () => {
  const report = run(12_000, 20171, installed('ilp-c2c/ilp-routing'));
  assert.deepEqual(report.unexplained, []);
  assert.ok(Object.keys(report.kinds).length > 25, 'every kind of operation was tried');
});

test('a difference without a rule is found', () => {
  const ours = installed('ilp-c2c/ilp-routing');
  class Wrong extends ours.LiquidityCurve {
    amountAt(x) {
      return super.amountAt(x).add(1);
    }
  }
  const { unexplained } = run(500, 1, { ...ours, LiquidityCurve: Wrong });
  assert.ok(unexplained.some(({ kind }) => kind === 'amountAt'));
});

test('a curve compares, prints and goes through JSON by its data', () => {
  const { LiquidityCurve } = installed('ilp-c2c/ilp-routing');
  const [one, same, other] = [9, 9, 8].map((y) => new LiquidityCurve([[0, 0], [10, y]]));
  assert.deepStrictEqual(one, same);
  assert.notDeepStrictEqual(one, other);
  const theirs = new (require('ilp-routing').LiquidityCurve)([[0, 0], [10, 9]]);
  assert.equal(JSON.stringify(one), JSON.stringify(theirs));
});

test('the token functions answer what ilp-plugin-virtual 16 answers', () => {
  const ours = installed('ilp-c2c/ilp-plugin-virtual');
  const theirs = require('ilp-plugin-virtual/src/util/token');
  const { generatePrefix, generatePublicKey } = require('ilp-plugin-virtual');
  const seeds = ['Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA', 'c2hvcnQ', 'AAAA'.repeat(30), 'Zm9v+/=='];
  for (const secretKey of seeds) {
    const publicKey = theirs.publicKey(secretKey);
    assert.equal(ours.publicKey(secretKey), publicKey);
    assert.equal(ours.generatePublicKey(secretKey), generatePublicKey(secretKey));
    for (const other of seeds) {
      const keys = { secretKey: other, peerPublicKey: publicKey };
      for (const name of ['token', 'authToken']) assert.equal(ours[name](keys), theirs[name](keys));
      const secret = ours.sharedSecret(keys);
      assert.deepEqual(Buffer.from(secret), Buffer.from(theirs.sharedSecret(keys)));
      assert.equal(ours.tokenFromSharedSecret(secret), theirs.tokenFromSharedSecret(secret));
      const facts = { ...keys, currencyScale: 9, currencyCode: 'USD' };
      assert.equal(ours.prefix(facts), theirs.prefix(facts));
      assert.equal(ours.generatePrefix(facts), generatePrefix(facts));
    }
  }
  const bad = { secretKey: seeds[0], peerPublicKey: 'AAAA' };
  assert.throws(() => ours.token(bad), /bad p size/);
  assert.throws(() => theirs.token(bad), /bad p size/);
  assert.throws(() => ours.token({ secretKey: seeds[0], peerPublicKey: 'A'.repeat(43) }), { code: 'WF_BAD_KEY' });
});
