/** Words about prior and likelihood. */
export const sensitivityTexts = {
  title: 'How far the answer hangs on the prior',
  how: (threshold: number) =>
    `Prior and likelihood are weakened and strengthened by 1 % (power-scaling; Kallioinen et al. 2023), from the same draws. A number is how far the posterior of a quantity moves for a doubling of the power. From ${threshold} on for the prior, the prior matters: with a likelihood that matters, too, they may be in conflict; with one that does not, the prior is strong or the data say little. Draws are finite, so that a quantity shows some sensitivity also where it has none: “by chance up to” is the largest of 19 such numbers, and a smaller one says nothing.`,
  without: (potentials: readonly string[]) => `without the potentials ${potentials.join(', ')}, which are not scaled`,
  chance: (noise: string) => `by chance up to ${noise}`,
  table: 'Sensitivity to prior and likelihood by quantity',
  experiment: 'experiment',
  quantity: 'quantity',
  prior: 'prior',
  likelihood: 'likelihood',
  diagnosis: 'diagnosis',
  scaledPriors: 'scaled priors',
  nothing: 'none',
  noReason: 'no reason is given',
  failed: (name: string, reason: string) => `${name} has no sensitivities: ${reason}.`,
  what: 'sensitivity to the prior',
};
