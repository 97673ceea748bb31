// The token functions of ilp-plugin-virtual 16: the same names, arguments and answers. Texts of keys are
// base64 in either alphabet. A peer's key that would give everyone the same secret is refused.
import './index.js';
import { C2CError, attempt } from './failure.js';
import { rest } from './engines.js';

/** The public key of a secret, as base64url. */
export function generatePublicKey(seed) {
  return base64url(rest().publicKeyOfSeed(bytes(seed)));
}

/** The bytes that both sides of a peering share and nobody else. */
export function sharedSecret({ secretKey, peerPublicKey }) {
  return attempt(() => rest().sharedSecretOfSeed(bytes(secretKey), bytes(peerPublicKey)));
}

/** The prefix of the ledger between two peers. */
export function generatePrefix({ secretKey, peerPublicKey, currencyScale, currencyCode }) {
  const part = token({ secretKey, peerPublicKey }).substring(0, 5);
  return `peer.${part}.${currencyCode.toLowerCase()}.${currencyScale}.`;
}

/** The token of the ledger's name. */
export function token(keys) {
  return tokenFromSharedSecret(sharedSecret(keys));
}

/** The bearer token of calls between the two. */
export function authToken(keys) {
  return base64url(rest().mac(sharedSecret(keys), 'authorization'));
}

/** The same as `token` of a secret that is known already. */
export function tokenFromSharedSecret(secret) {
  return base64url(rest().mac(secret, 'token'));
}

export { generatePrefix as prefix, generatePublicKey as publicKey };

function base64url(given) {
  return rest().secretText(given);
}

function bytes(text) {
  if (typeof text !== 'string') throw new C2CError('TEXT', `${typeof text} is no key.`, 'Give base64url text.');
  if (typeof Buffer === 'function') return Buffer.from(text, 'base64');
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/[^A-Za-z0-9+/]/g, '');
  return Uint8Array.from(atob(plain), (letter) => letter.charCodeAt(0));
}
