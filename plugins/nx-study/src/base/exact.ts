/** Whether a double keeps all written digits of a decimal number. False when it would be infinite or 0. */
export function keepsDigits(source: string): boolean {
  const written = decimalOf(source);
  if (written.digits === '') return true;
  const value = Math.abs(Number(source));
  if (!Number.isFinite(value) || value === 0 || written.digits.length > MOST_DIGITS) return false;
  // The shortest text of a double may round a tie the other way.
  return [value.toPrecision(written.digits.length), String(value)].some((text) => {
    const { digits, exponent } = decimalOf(text);
    return digits === written.digits && exponent === written.exponent;
  });
}

/** Whether a decimal number is −0, which JSON and its hashes don't keep. */
export const isMinusZero = (source: string): boolean => source.startsWith('-') && decimalOf(source).digits === '';

// The most that `toPrecision` allows.
const MOST_DIGITS = 100;

/** Significant digits, without zeros around them, and the power of ten of the last one. */
function decimalOf(source: string): { digits: string; exponent: number } {
  const [mantissa, power = '0'] = source.toLowerCase().replace(/^[-+]/, '').split('e');
  const [whole = '', fraction = ''] = mantissa!.split('.');
  const all = `${whole}${fraction}`.replace(/^0+/, '');
  const digits = all.replace(/0+$/, '');
  return { digits, exponent: Number(power) - fraction.length + all.length - digits.length };
}
