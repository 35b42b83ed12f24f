const OWN = new Set(['content-type', 'accept']);
const SHORTEST = 4;

/** Takes out of a text what may be secret in it: values of request headers, keys in a list of flags, passwords in an address. */
export function maskOf(headers: Record<string, string>): (text: string) => string {
  const secrets = Object.entries(headers)
    .filter(([name]) => !OWN.has(name.toLowerCase()))
    .flatMap(([, value]) => [value, value.replace(/^\w+ /, '')])
    .filter((value) => value.length >= SHORTEST);
  return (text) => {
    let masked = text;
    for (const secret of secrets) masked = masked.replaceAll(secret, '…');
    return masked.replace(FLAG, '$1…').replace(PASSWORD, '$1…@');
  };
}

/** Whether a value of this name is a secret, whatever it is. */
export const isSecret = (name: string): boolean => SECRET.test(name);

const SECRET =
  /api_?key|secret|passw|passphrase|credential|authorization|bearer|(^|_)(auth|access|admin|api|hf|refresh|session)_token$|(^|_)(key|token)$/i;
const FLAG =
  /((?:api[-_]?key|secret|password|(?:auth|access|hf|api)[-_]token)["']?(?:\s*[=:,]\s*|\s+)(?:\[\s*)?["']?)[^\s"',)\]]+/gi;
const PASSWORD = /(\/\/)[^/\s@"']+@/g;
