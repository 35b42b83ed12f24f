import canonicalizeModule from 'canonicalize';
import { createSHA256 } from 'hash-wasm';
import type { Json } from './json.ts';

export type Sha256 = (content: string | Uint8Array) => string;

let initialised: Promise<Sha256> | undefined;

/** A synchronous SHA-256 (64 hex digits), ready once its WebAssembly is compiled. */
export function sha256(): Promise<Sha256> {
  initialised ??= createSHA256().then((hasher) => (content) => hasher.init().update(content).digest('hex'));
  return initialised;
}

// Its type declarations describe an ES module, but it is a CommonJS one.
const canonicalize = canonicalizeModule as unknown as (value: Json) => string | undefined;

/** Canonical JSON (RFC 8785): equal values give equal texts, whatever their key order or number format. */
export function canonicalJson(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('canonical JSON needs a JSON value, and got undefined');
  return text;
}
