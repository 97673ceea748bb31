// What a connector needs besides: records, letters, checked messages, tables. A second engine, inlined like the first.
import './index.js';
import { initSync } from './connector-engine.js';
import { setUp } from './desk.js';
import { wasm } from './inlined-connector.js';

setUp(initSync({ module: wasm() }).memory);

export { checkPeer, decodeInvite, encodeInvite, inviteText, lookup, readRecord, record } from './peers.js';
export { validateCall, validateMessage, validateTransfer } from './messages.js';
export { RouteTable, diff, simulate } from './table.js';
