import { redactor } from './redact.ts';

/** Takes out of a text what may be secret in it: the secrets of this measurement, and others' keys and passwords. */
export function maskOf(secrets: readonly string[]): (text: string) => string {
  const redact = redactor(secrets);
  return (text) => redact(text).replace(FLAG, '$1…').replace(PASSWORD, '$1…@');
}

/** Whether a value of this name is a secret, whatever it is. */
export const isSecret = (name: string): boolean => SECRET.test(name);

const SECRET =
  /api_?key|secret|passw|passphrase|credential|authorization|bearer|(^|_)(auth|access|admin|api|hf|refresh|session)_token$|(^|_)(key|token)$/i;
const FLAG =
  /((?:api[-_]?key|secret|password|(?:auth|access|hf|api)[-_]token)["']?(?:\s*[=:,]\s*|\s+)(?:\[\s*)?["']?)[^\s"',)\]]+/gi;
const PASSWORD = /(\/\/)[^/\s@"']+@/g;
