// Finding a peer, telling it about oneself, and trying whether it answers. Whoever calls hands `fetch` in.
import * as engine from './connector-engine.js';
import { scale, shown, text } from './check.js';
import { C2CError, attempt } from './failure.js';

/** A record is no larger, and no answer is read further. */
const MOST_BYTES = 64 * 1024;
const PATIENCE = 5000;

/** The host record to publish at /.well-known/webfinger, as an object. */
export function record({ host, publicKey, rpcUri, title } = {}) {
  text('host', host);
  text('publicKey', publicKey);
  const uri = rpcUri ?? `https://${host}/rpc`;
  return JSON.parse(attempt(() => engine.recordJson(host, publicKey, uri, title)));
}

/** What a host answered, checked: `{ ok: true, record }`, or what is wrong with it. */
export function readRecord(bytes, host) {
  text('host', host);
  if (!(bytes instanceof Uint8Array)) {
    throw new C2CError('RECORD_TYPE', `${shown(bytes)} is no record.`, 'Give a Uint8Array.');
  }
  const { code, message, hint, ...found } = JSON.parse(attempt(() => engine.readRecord(bytes, host)));
  return code === undefined ? { ok: true, record: found } : { ok: false, error: { code, message, hint } };
}

/** Asks a host for its record. A host that does not answer, or answers wrongly, is answered, not thrown. */
export async function lookup(host, { fetch, signal } = {}) {
  text('host', host);
  needed(fetch);
  const url = attempt(() => engine.recordUrl(host));
  const answer = await ask(fetch, url, { headers: { accept: 'application/json' } }, signal);
  if (answer.error !== undefined) {
    return unanswered('WF_UNREACHABLE', `No answer from ${host}: ${answer.error}`, 'Check spelling and that the host is up.');
  }
  if (answer.status !== 200) {
    return unanswered(
      'WF_STATUS',
      `${host} answered ${answer.status} to WebFinger.`,
      'Ask its operator to route /.well-known/webfinger to the connector.',
    );
  }
  return readRecord(answer.bytes, host);
}

/**
 * Tries a peering by `get_limit`: { ok, steps }, each step with name, status ('ok' or 'failed'), and where it failed
 * code, message and hint. `facts` are what `derive` answered, and the peer's `rpcUri`.
 */
export async function checkPeer(facts, { fetch, signal } = {}) {
  const { prefix, authToken, rpcUri } = facts ?? {};
  text('prefix', prefix);
  text('authToken', authToken);
  text('rpcUri', rpcUri);
  needed(fetch);
  const steps = [];
  const failed = (name, code, message, hint) => {
    steps.push({ name, status: 'failed', code, message, hint });
    return { ok: false, steps };
  };
  const url = `${rpcUri}?method=get_limit&prefix=${encodeURIComponent(prefix)}`;
  const headers = { authorization: `Bearer ${authToken}`, 'content-type': 'application/json' };
  const answer = await ask(fetch, url, { method: 'POST', headers, body: '[]' }, signal);
  if (answer.error !== undefined) {
    return failed('reach', 'RPC_UNREACHABLE', `No answer: ${answer.error}`, 'Check the address and that the peer is up.');
  }
  steps.push({ name: 'reach', status: 'ok' });
  if (answer.status === 401) {
    return failed('auth', 'RPC_401', 'The peer does not know this peering.', 'Ask it to add you with this currency and scale.');
  }
  if (answer.status === 403) {
    return failed('auth', 'RPC_403', 'The peer knows the prefix but refuses the token.', 'Exchange tokens again.');
  }
  steps.push({ name: 'auth', status: 'ok' });
  const body = utf8.decode(answer.bytes);
  const limit = /^\s*"?(-?\d+)"?\s*$/.exec(body)?.[1];
  if (answer.status !== 200 || limit === undefined) {
    const message = `The peer answered ${answer.status}: ${body.slice(0, 200)}`;
    return failed('limit', 'RPC_ERROR', message, 'Its connector has a fault; send its operator what it said.');
  }
  steps.push({ name: 'limit', status: 'ok', value: BigInt(limit) });
  return { ok: true, steps };
}

/** An invitation, or its answer, as one word: what `c2c peer invite` writes. */
export function encodeInvite(invite) {
  return attempt(() => engine.letterCode(letter(invite)));
}

/** The same for people to read, with the word in its last line. */
export function inviteText(invite) {
  return attempt(() => engine.letterText(letter(invite)));
}

/** What stands in an invitation: its word, a link, a text or JSON. `{ ok: true, invite }`, or what is wrong with it. */
export function decodeInvite(given) {
  text('invite', given);
  try {
    const { c2c: says, mode, rpc_uri: rpcUri, protocol_version: protocolVersion, scale: currencyScale, ...rest } = JSON.parse(
      engine.letterJson(given),
    );
    const { currency: currencyCode, ...others } = rest;
    const invite = { says, mode, rpcUri, protocolVersion, currencyCode, currencyScale, ...others };
    for (const name of Object.keys(invite)) if (invite[name] === undefined) delete invite[name];
    return { ok: true, invite };
  } catch (failure) {
    if (failure instanceof Error) throw failure;
    const { code, message, hint } = failure;
    return { ok: false, error: { code, message, hint } };
  }
}

const utf8 = new TextDecoder();

function letter(invite) {
  const { says, mode, host, rpcUri, protocolVersion, prefix, account, token, currencyCode, currencyScale } = invite ?? {};
  return JSON.stringify({
    c2c: says,
    mode,
    host,
    rpc_uri: rpcUri,
    protocol_version: protocolVersion,
    prefix,
    account,
    token,
    currency: currencyCode,
    scale: scale(currencyScale),
    date: invite.date,
    reason: invite.reason,
  });
}

function needed(fetch) {
  if (typeof fetch === 'function') return;
  throw new C2CError('FETCH', 'There is no fetch.', 'Hand one in: { fetch }.');
}

function unanswered(code, message, hint) {
  return { ok: false, error: { code, message, hint } };
}

/** Status and bytes of an answer, or why there is none. */
async function ask(fetch, url, options, signal) {
  const patience = AbortSignal.timeout(PATIENCE);
  const both = signal === undefined ? patience : AbortSignal.any([signal, patience]);
  try {
    const response = await fetch(url, { ...options, redirect: 'error', signal: both });
    return { status: response.status, bytes: await read(response) };
  } catch (failure) {
    if (signal?.aborted) throw failure;
    return { error: failure?.message ?? String(failure) };
  }
}

/** The first bytes of a body: one that is larger than any record need not be read to its end. */
async function read(response) {
  const reader = response.body?.getReader?.();
  if (reader === undefined) return new Uint8Array(await response.arrayBuffer()).subarray(0, MOST_BYTES + 1);
  const parts = [];
  let size = 0;
  while (size <= MOST_BYTES) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    size += value.length;
  }
  await reader.cancel();
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
