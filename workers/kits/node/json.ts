/**
 * JSON text of a value that JSON can hold as it is.
 * @throws TypeError with the dotted path of NaN, an infinity or undefined, which JSON would turn into null or drop: a null must be meant.
 */
export function jsonText(value: unknown, indent?: number): string {
  const paths = new WeakMap<object, string>();
  const refuseUnrepresentable = function (this: object, key: string, inner: unknown): unknown {
    const around = paths.get(this) ?? '';
    const path = around === '' ? key : `${around}.${key}`;
    if (typeof inner === 'object' && inner !== null) paths.set(inner, path);
    if (inner === undefined || (typeof inner === 'number' && !Number.isFinite(inner)))
      throw new TypeError(`\`${path}\`: ${String(inner)} is no JSON; write null, and why under \`reasons\``);
    return inner;
  };
  return JSON.stringify(value, refuseUnrepresentable, indent);
}
