import { columnTitle, marks, same } from '../picture';
import { startOf, type Choice, type Scene } from './scene';

/** More of them than anybody reads in a list. */
const mostListed = 200;

/** What is chosen, in words and lists: all that the picture shows of it, for keyboards and readers too. */
export function showPanel(
  scene: Scene,
  actions: {
    readonly choose: (choice: Choice) => void;
    readonly toggle: (table: number) => void;
    readonly clear: () => void;
  },
): void {
  const panel = document.querySelector<HTMLElement>('#panel')!;
  const { choice, picture } = scene;
  const hadFocus = panel.contains(document.activeElement);
  panel.hidden = choice === undefined;
  panel.replaceChildren();
  if (choice === undefined) return;
  const { table, column } = choice;
  const { kind, mark, name } = picture.tables[table]!;
  const title = element('h2', column === undefined ? name : columnTitle(picture, column));
  const own = column === undefined ? mark : picture.columns[column]!.mark;
  const columns = startOf(picture, { table }).filter(
    (one) => picture.columns[one]!.role === 'column',
  ).length;
  const what = column === undefined ? `${kind}, ${columns} columns` : `column of ${kind} ${name}`;
  const about = element('p', own === same ? what : `${what}, ${marks[own]}`, 'note');
  const buttons = element('div', '', 'buttons');
  if (scene.cardOf(table)?.opens) {
    const words = scene.open.has(table) ? 'Close table' : 'Open table';
    buttons.append(button(words, () => actions.toggle(table)));
  }
  if (column !== undefined) buttons.append(button('Whole table', () => actions.choose({ table })));
  buttons.append(button('Clear', actions.clear));
  panel.append(title, about, buttons);
  // Whoever walks by keyboard from list to list goes on here, not at the top of the page.
  title.tabIndex = -1;
  if (hadFocus) title.focus();
  for (const way of ['upstream', 'downstream'] as const) {
    const found = scene.related(way);
    const list = element('ul', '');
    list.id = way;
    for (const one of found.slice(0, mostListed)) {
      const item = element('li', '');
      const choose = () => actions.choose({ table: picture.columns[one]!.table, column: one });
      item.append(button(columnTitle(picture, one), choose));
      list.append(item);
    }
    if (found.length > mostListed) {
      list.append(element('li', `… ${found.length - mostListed} more`, 'note'));
    }
    const words = way === 'upstream' ? 'Upstream' : 'Downstream';
    panel.append(element('h3', `${words}: ${found.length}`, way), list);
  }
}

function element(tag: string, text: string, classes = ''): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  if (classes !== '') made.className = classes;
  return made;
}

function button(words: string, act: () => void): HTMLElement {
  const made = element('button', words);
  made.addEventListener('click', act);
  return made;
}
