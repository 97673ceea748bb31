// Every message that the wizard has for a fault, and the test that makes a page show it. The messages themselves are
// compared there, word by word; this holds the table to what the tests say.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

const HOST = 'a host that is wrong is told so, and nothing that was typed is lost';
const FIELD = 'what is typed wrong is told in the field, and stays there';
const MANUAL_FIELD = 'what is typed wrong is told in its field';
const CALL = 'two tabs without a server come to the same, and each fault of a call has its words';
const LOOKUP = 'what the server’s look-up refuses is told';
const LETTER = 'damaged, expired and refused letters are told';
const BOTH = 'invited, countered, accepted, compared, added and checked, on two servers’ pages';

const SHOWN = {
  HOST_SYNTAX: ['peer', FIELD],
  HOST_SELF: ['peer', FIELD],
  WF_UNREACHABLE: ['peer', HOST],
  WF_CORS: ['peer', 'a record that the browser may not read is pasted'],
  DUPLICATE: ['wizard', BOTH],
  WF_TLS: ['wizard', LOOKUP],
  WF_STATUS: ['peer', HOST],
  WF_NOT_JSON: ['peer', HOST],
  WF_NO_KEY: ['peer', HOST],
  WF_BAD_KEY: ['peer', HOST],
  WF_SUBJECT: ['peer', HOST],
  WF_NO_RPC: ['peer', HOST],
  OWN_KEY: ['peer', 'another secret than the connector’s is named as such'],
  SECRET_FORMAT: ['peer', FIELD],
  CODE_FORMAT: ['peer', FIELD],
  SCALE_RANGE: ['peer', FIELD],
  LIMIT_DECIMALS: ['peer', FIELD],
  LIMIT_HUGE: ['peer', FIELD],
  URI_FORMAT: ['wizard', MANUAL_FIELD],
  PREFIX_FORMAT: ['wizard', MANUAL_FIELD],
  TOKEN_FORMAT: ['wizard', MANUAL_FIELD],
  INVITE_DAMAGED: ['wizard', LETTER],
  INVITE_EXPIRED: ['wizard', LETTER],
  PASSPHRASE: ['wizard', 'a secret is kept sealed, and only sealed'],
  RPC_401: ['wizard', CALL],
  RPC_MISMATCH: ['wizard', 'other terms on the other side are found'],
  RPC_403: ['wizard', CALL],
  RPC_ERROR: ['wizard', CALL],
  RPC_TIMEOUT: ['wizard', CALL],
  CLOCK: ['wizard', CALL],
  KEY_CHANGED: ['wizard', CALL],
  LOOKUP_BLOCKED: ['wizard', LOOKUP],
};
// What tells a message whose code is not named in its test.
const WORDS = { CLOCK: 'Your clocks differ by' };

/** The tests and groups of a file by their titles, each with what stands in it. */
function bodies(file) {
  const source = readFileSync(new URL(`${file}.test.mjs`, import.meta.url), 'utf8');
  const titles = [...source.matchAll(/^( *)(?:test|describe)\('((?:[^'\\]|\\.)+)'/gm)];
  return new Map(
    titles.map((found) => {
      const rest = source.slice(found.index);
      // It ends where something stands no deeper than it began.
      const end = rest.indexOf(`\n${found[1]}});`);
      assert.notEqual(end, -1, `${file}: ${found[2]} has an end`);
      return [found[2], rest.slice(0, end)];
    }),
  );
}

const files = new Map(['peer', 'wizard'].map((file) => [file, bodies(file)]));
test('each message of the wizard is shown by a test', () => {
  for (const [code, [file, title]] of Object.entries(SHOWN)) {
    const body = files.get(file).get(title);
    assert.ok(body, `tests/e2e/${file}.test.mjs has no test “${title}”`);
    assert.ok(body.includes(WORDS[code] ?? `'${code}'`) || body.includes(`=${code}]`), `“${title}” does not look for ${code}`);
  }
});
