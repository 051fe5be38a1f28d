'use strict';
// Filters and sorts the grids of problems.
const cells = [...document.querySelectorAll('.grid > [data-place]')];
const problems = [...document.querySelectorAll('#problems .set > .list > .problem')];
const buttons = [...document.querySelectorAll('[data-show]')];
const sort = document.querySelector('[data-sort]');
let shown = '';
function show(word) {
  shown = word;
  for (const button of buttons) button.setAttribute('aria-pressed', String(button.dataset.show === word));
  for (const cell of cells) cell.hidden = word !== '' && !cell.classList.contains(word);
  for (const problem of problems) problem.hidden = word !== '' && !problem.classList.contains(word);
}
const byChange = new Map([...document.querySelectorAll('p.grid')].map(grid => [grid, [...grid.children]]));
function order(byFile) {
  sort.setAttribute('aria-pressed', String(byFile));
  for (const [grid, list] of byChange) grid.append(...(byFile ? [...list].sort((a, b) => a.dataset.place - b.dataset.place) : list));
}
if (sort) {
  document.querySelector('.filters').hidden = false;
  for (const button of buttons) button.addEventListener('click', () => show(button.dataset.show));
  sort.addEventListener('click', () => order(sort.getAttribute('aria-pressed') !== 'true'));
}

// A cell opens its problem, also in browsers that do not open what holds the target of a link.
function reveal() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (!target) return;
  for (let at = target; at; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
  if (target.closest('.problem')) target.closest('.problem').scrollIntoView({ block: 'start' });
}
addEventListener('hashchange', reveal);
document.addEventListener('click', event => {
  const link = event.target.closest('a[href^="#"]');
  if (link && link.hash === location.hash) reveal();
});

// A run that goes on: the file is written anew, and this page reads it again and keeps the reader's place. The place is in the history of
// this tab, since pages from a disk may have no other storage.
const again = Number(document.body.dataset.again);
const folds = [...document.querySelectorAll('details')];
const place = history.state && history.state.reasoning;
if (place) {
  for (const at of place.open) if (folds[at]) folds[at].open = true;
  for (const at of place.shut) if (folds[at]) folds[at].open = false;
  if (sort) { show(place.shown); order(place.byFile); }
} else reveal();
if (again) {
  const follow = document.querySelector('[data-follow]');
  follow.parentElement.hidden = false;
  const starts = folds.map(fold => fold.open);
  let follows = !place || place.follows;
  const tell = () => follow.setAttribute('aria-pressed', String(follows));
  follow.addEventListener('click', () => { follows = !follows; tell(); });
  tell();
  setInterval(() => {
    if (!follows || document.hidden || String(getSelection())) return;
    const open = [], shut = [];
    folds.forEach((fold, i) => { if (fold.open) open.push(i); else if (starts[i] || (place && place.shut.includes(i))) shut.push(i); });
    history.replaceState({ reasoning: { top: scrollY, open, shut, shown, byFile: sort ? sort.getAttribute('aria-pressed') === 'true' : false, follows } }, '');
    history.scrollRestoration = 'manual';
    location.reload();
  }, again * 1000);
}
if (place) scrollTo({ top: place.top, behavior: 'instant' }); // last: all above has its height then
