/** Why simulated fits say nothing. */
export const calibrationTexts = {
  none: 'no measurement has simulated fits that can be read',
  severalDraws: (counts: readonly number[]) =>
    `the measurements rank different numbers of draws (${counts.join(', ')}), so their ranks can't be counted together`,
  severalQuantities: "the measurements have different quantities, so they can't be counted together",
  sameFits: 'two measurements have the same fit, so that it would count twice',
  noRank: 'no fit has a rank of it',
  fewFits: 'an interval over fits needs 3 of them',
};
