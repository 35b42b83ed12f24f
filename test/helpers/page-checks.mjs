// Runs inside a page: `browser.ts` evaluates this file there.
globalThis.pageChecks = { overflowing, misplacedTexts, seriousFindings };

/** Elements that reach beyond the right edge of the window, but those inside a box that scrolls. */
function overflowing() {
  const { clientWidth, scrollWidth } = document.documentElement;
  const isInBox = (element) => element.parentElement?.closest('.scroll, pre') !== null;
  const wide = [...document.body.querySelectorAll('*')].filter(
    (element) => !isInBox(element) && element.getBoundingClientRect().right > clientWidth + 0.5,
  );
  const page = scrollWidth > clientWidth ? ['the page scrolls sideways'] : [];
  return [...page, ...wide.map((element) => element.outerHTML.slice(0, 120))];
}

/** Texts of drawings that leave their drawing or cover another text. */
function misplacedTexts() {
  return [...document.querySelectorAll('.panel svg')].flatMap((drawing) => {
    const edge = drawing.getBoundingClientRect();
    const texts = [...drawing.querySelectorAll('text')].map((text) => ({ text, box: text.getBoundingClientRect() }));
    const leaves = ({ box }) =>
      box.left < edge.left - 1 || box.right > edge.right + 1 || box.top < edge.top - 1 || box.bottom > edge.bottom + 1;
    // The box of a text is higher than its letters.
    const cover = (one, other) =>
      one.left < other.right - 1 &&
      other.left < one.right - 1 &&
      one.top < other.bottom - 4 &&
      other.top < one.bottom - 4;
    const covers = ({ box }, index) => texts.slice(0, index).some(({ box: other }) => cover(box, other));
    const say =
      (what) =>
      ({ text }) =>
        `${drawing.querySelector('title').textContent}: "${text.textContent}" ${what}`;
    return [
      ...texts.filter(leaves).map(say('leaves the drawing')),
      ...texts.filter(covers).map(say('covers another text')),
    ];
  });
}

/** What axe-core, which must be loaded, finds that is serious or critical: rule and place. */
async function seriousFindings() {
  const { violations } = await globalThis.axe.run();
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)}: ${failureSummary}`),
    );
}
