/** Texts are base64 in either alphabet, padded or not. */
export interface Keys {
  secretKey: string;
  peerPublicKey: string;
}

/** What the prefix of the ledger between two peers is made of. */
export interface PrefixFacts extends Keys {
  currencyScale: number;
  currencyCode: string;
}

/** The prefix of the ledger between two peers. */
export declare function generatePrefix(facts: PrefixFacts): string;
export { generatePrefix as prefix };

/** The public key of a secret, as base64url. */
export declare function generatePublicKey(secretKey: string): string;
export { generatePublicKey as publicKey };

/** The token of the ledger's name. */
export declare function token(keys: Keys): string;

/** The bearer token of calls between the two. */
export declare function authToken(keys: Keys): string;

/** The bytes that both sides share and nobody else. */
export declare function sharedSecret(keys: Keys): Uint8Array;

/** What `token` makes of a shared secret that is known already. */
export declare function tokenFromSharedSecret(sharedSecret: Uint8Array): string;
