/** Words about draws from the prior. */
export const priorTexts = {
  draws: 'Draws from the prior; nothing was sampled',
  label: (label: string) => `${label} (prior)`,
  description: (description: string) => `Under the prior, without the data: the median over its draws. ${description}`,
  finding: 'only the prior was drawn from: its numbers say nothing of a posterior',
};
