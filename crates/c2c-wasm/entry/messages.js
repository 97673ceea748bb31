// Whether what peers say to each other is right: messages with all that they carry, transfers, bodies of calls.
import * as engine from './connector-engine.js';
import { bytesOf, text } from './check.js';
import { attempt } from './failure.js';

/**
 * Checks a message with all that it carries, to the bottom: envelope, packet, routing update, quote. `{ ok: true,
 * carries }`, or every fault with its place and its cure.
 */
export function validateMessage(json) {
  const bytes = bytesOf(json);
  return checked(() => ({ carries: engine.checkMessage(bytes) }));
}

/** Checks a transfer, as `send_transfer` carries it. */
export function validateTransfer(json) {
  const bytes = bytesOf(json);
  return checked(() => engine.checkTransfer(bytes));
}

/** Checks the body of a call of `method`, such as `send_request`: its parameters, and all that they carry. */
export function validateCall(method, body) {
  text('method', method);
  const bytes = bytesOf(body);
  return checked(() => attempt(() => engine.checkCall(method, bytes)));
}

function checked(work) {
  try {
    return { ok: true, ...work(), errors: [] };
  } catch (faults) {
    if (typeof faults !== 'string') throw faults;
    return { ok: false, errors: JSON.parse(faults) };
  }
}
