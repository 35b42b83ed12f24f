/**
 * What a Containerfile takes from elsewhere without a digest: images by tag (`FROM`, `COPY --from`, `RUN --mount`), and
 * files by `ADD` of an address without a checksum. The same file may build something else tomorrow.
 */
export function unpinnedSources(steps: string): string[] {
  const stages = new Set<string>(['scratch']);
  const found: string[] = [];
  const note = (image: string) => {
    if (!/^\d+$/.test(image) && !stages.has(image.toLowerCase()) && !/@sha256:[0-9a-f]{64}$/.test(image))
      found.push(image);
  };
  for (const line of linesOf(steps)) {
    const [word = '', ...rest] = line.split(/\s+/);
    const begin = rest.findIndex((part) => !part.startsWith('--'));
    const options = rest.slice(0, begin);
    const [first, as, name] = rest.slice(begin);
    const step = word.toUpperCase();
    if (step === 'FROM' && first !== undefined) {
      note(first);
      if (as?.toUpperCase() === 'AS' && name !== undefined) stages.add(name.toLowerCase());
    }
    if (step === 'COPY' || step === 'RUN') for (const image of options.flatMap(fromOf)) note(image);
    const isChecked = options.some((option) => option.startsWith('--checksum='));
    if (step === 'ADD' && !isChecked)
      found.push(
        ...rest
          .filter((part) => /^["[]*((https?|git|ssh):\/\/|git@)/i.test(part))
          .map((part) => part.replace(/[",[\]]/g, '')),
      );
  }
  return [...new Set(found)];
}

/** `--from=IMAGE`, and `--mount=type=bind,from=IMAGE`. */
const fromOf = (option: string): string[] =>
  [...option.matchAll(/(?:^--|,|=)from=([^,\s]+)/g)].map(([, image]) => image!);

/** A script or a file within a step, up to a line with the word that it began with. */
const HEREDOC = /(<<-?(["']?)(\w+)\2.*)\n(?:.*\n)*?[ \t]*\3[ \t]*(?=\n|$)/g;

/** Steps, each in one line; without comments, and without files that are written out in them. */
const linesOf = (steps: string): string[] =>
  steps
    .replace(/\r\n/g, '\n')
    .replace(/^[ \t]*#.*\n/gm, '')
    .replace(HEREDOC, '$1')
    .replace(/\\[ \t]*\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
