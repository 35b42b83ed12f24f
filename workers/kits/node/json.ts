/**
 * JSON text of a value that JSON can hold as it is.
 * @throws TypeError with the dotted path of what JSON would turn into null or `{}`, or drop: NaN, an infinity, undefined, a
 * function, a symbol, a Map or a Set; and of a bigint. A null must be meant.
 */
export function jsonText(value: unknown, indent?: number): string {
  const paths = new WeakMap<object, string>();
  const refuseUnrepresentable = function (this: object, key: string, inner: unknown): unknown {
    const around = paths.get(this) ?? '';
    const path = around === '' ? key : `${around}.${key}`;
    if (typeof inner === 'object' && inner !== null) paths.set(inner, path);
    if (inner === undefined || (typeof inner === 'number' && !Number.isFinite(inner)))
      throw new TypeError(`\`${path}\`: ${String(inner)} is no JSON; write null, and why under \`reasons\``);
    const other = inner instanceof Map ? 'Map' : inner instanceof Set ? 'Set' : typeof inner;
    if (UNHELD.has(other))
      throw new TypeError(`\`${path}\`: a ${other} is no JSON; write a number, text, a list or a plain object`);
    return inner;
  };
  return JSON.stringify(value, refuseUnrepresentable, indent);
}

const UNHELD = new Set(['Map', 'Set', 'function', 'symbol', 'bigint']);
