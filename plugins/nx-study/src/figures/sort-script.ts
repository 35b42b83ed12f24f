/**
 * Sorts tables by the column of a pressed button: by numbers where cells have `data-v`, else by text. What has no value
 * comes last in both directions. The page allows this script by its hash.
 */
export const SORT_SCRIPT = `for (const table of document.querySelectorAll('table[data-sort]'))
  table.tHead.addEventListener('click', ({ target }) => {
    const head = target.closest('button')?.closest('th');
    if (!head) return;
    const ascending = head.getAttribute('aria-sort') !== 'ascending';
    const body = table.tBodies[0];
    const cells = [...body.rows].map((row) => row.cells[head.cellIndex]);
    const numeric = cells.some((cell) => 'v' in cell.dataset);
    const known = (cell) => (numeric ? 'v' in cell.dataset : cell.className !== 'none');
    const order = (a, b) =>
      numeric ? a.dataset.v - b.dataset.v : a.textContent.localeCompare(b.textContent, 'en', { numeric: true });
    cells.sort((a, b) => known(b) - known(a) || (known(a) ? (ascending ? 1 : -1) * order(a, b) : 0));
    body.append(...cells.map((cell) => cell.parentNode));
    for (const other of head.parentNode.cells) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', ascending ? 'ascending' : 'descending');
  });`;
