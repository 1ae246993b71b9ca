import { columnTitle, type Picture } from '../picture';
import type { Choice } from './scene';

const mostFound = 50;

interface Entry extends Choice {
  readonly title: string;
  readonly lower: string;
}

/** Every table and column by its name; the nearest first. */
function searcher(picture: Picture): (words: string) => Entry[] {
  const entries: Entry[] = [];
  picture.tables.forEach(({ name }, table) =>
    entries.push({ table, title: name, lower: name.toLowerCase() }),
  );
  picture.columns.forEach(({ table }, column) => {
    const title = columnTitle(picture, column);
    entries.push({ table, column, title, lower: title.toLowerCase() });
  });
  return (words) => {
    const wanted = words.trim().toLowerCase();
    if (wanted === '') return [];
    const ranks: Entry[][] = [[], [], [], []];
    for (const entry of entries) {
      const at = entry.lower.indexOf(wanted);
      if (at === -1) continue;
      const isWhole = entry.lower.length === wanted.length;
      const isPart = at === 0 || entry.lower[at - 1] === '.';
      const isEnd = entry.lower.endsWith(wanted);
      ranks[isWhole ? 0 : isPart && isEnd ? 1 : isPart ? 2 : 3]!.push(entry);
    }
    return ranks.flat().slice(0, mostFound);
  };
}

/** The list below the search's field, as a combobox is to be worked by keyboard. */
export function setUpSearch(picture: Picture, choose: (choice: Choice) => void): void {
  const field = document.querySelector<HTMLInputElement>('#search')!;
  const list = document.querySelector<HTMLUListElement>('#found')!;
  const find = searcher(picture);
  let found: Entry[] = [];
  let current = 0;

  const close = () => {
    list.hidden = true;
    field.setAttribute('aria-expanded', 'false');
    field.removeAttribute('aria-activedescendant');
  };
  const mark = () => {
    [...list.children].forEach((item, index) => {
      item.setAttribute('aria-selected', String(index === current));
      if (index !== current) return;
      item.scrollIntoView({ block: 'nearest' });
      field.setAttribute('aria-activedescendant', item.id);
    });
  };
  const take = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    close();
    choose(entry.column === undefined ? { table: entry.table } : entry);
  };
  const update = () => {
    found = find(field.value);
    current = 0;
    list.replaceChildren(...found.map(itemOf));
    if (found.length === 0) {
      close();
      if (field.value.trim() !== '') status('nothing of that name');
      return;
    }
    list.hidden = false;
    field.setAttribute('aria-expanded', 'true');
    status(found.length === mostFound ? `the first ${mostFound} of many` : `${found.length} found`);
    mark();
  };
  const itemOf = (entry: Entry, index: number) => {
    const item = document.createElement('li');
    item.id = `found-${index}`;
    item.role = 'option';
    item.textContent = entry.title;
    const kind = document.createElement('small');
    kind.textContent = entry.column === undefined ? picture.tables[entry.table]!.kind : 'column';
    item.append(kind);
    item.addEventListener('pointerdown', (event) => {
      event.preventDefault();
      take(entry);
    });
    return item;
  };
  field.addEventListener('input', update);
  field.addEventListener('blur', close);
  field.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      field.value = '';
      close();
      field.blur();
      return;
    }
    if (event.key === 'Enter') take(found[current]);
    else if (event.key === 'ArrowDown') current = Math.min(current + 1, found.length - 1);
    else if (event.key === 'ArrowUp') current = Math.max(current - 1, 0);
    else return;
    event.preventDefault();
    if (!list.hidden) mark();
  });
}

/** Says it to those who don't see the picture too. */
export function status(words: string): void {
  document.querySelector('#status')!.textContent = words;
}
