import { pictureFrom, type PageData } from '../page-data';
import { columnTitle } from '../picture';
import { showPanel } from './panel';
import { Scene, type Choice } from './scene';
import { setUpSearch, status } from './search';
import { Viewport } from './viewport';

const byId = (id: string) => document.querySelector<HTMLElement>(`#${id}`)!;
const checked = (event: Event) => (event.target as HTMLInputElement).checked;

const data = byId('data');
const picture = pictureFrom(JSON.parse(data.textContent ?? '') as PageData);
// The text is several times as large as what was read from it.
data.remove();
const scene = new Scene(picture);
const stage = byId('stage');
const viewport = new Viewport(stage, scene);
viewport.begin();
update();

function update(): void {
  scene.light();
  showPanel(scene, { choose: chooseAndShow, toggle, clear });
  (byId('related') as HTMLInputElement).disabled = scene.choice === undefined && !scene.relatedOnly;
  const { size } = scene.open;
  byId('tables').setAttribute('aria-pressed', String(size === 0));
  byId('columns').setAttribute('aria-pressed', String(size > 0 && size === picture.tables.length));
  viewport.redraw();
}

function choose(choice: Choice): void {
  scene.choice = choice;
  if (scene.relatedOnly) keepInPlace(choice.table, update);
  else update();
  const { table, column } = choice;
  const name = column === undefined ? picture.tables[table]!.name : columnTitle(picture, column);
  const [up, down] = [scene.related('upstream').length, scene.related('downstream').length];
  status(`${name}: ${up} upstream, ${down} downstream`);
}

/** What wasn't clicked in the picture may be anywhere in it, or hidden. */
function chooseAndShow(choice: Choice): void {
  const { table, column } = choice;
  if (column !== undefined) scene.open.add(table);
  choose(choice);
  if (scene.cardOf(table) === undefined) {
    scene.changesOnly = false;
    document.querySelector<HTMLInputElement>('#changes')!.checked = false;
    update();
  }
  if (column !== undefined && scene.cardOf(table)?.rows.includes(column) === false) {
    scene.whole.add(table);
    update();
  }
  viewport.center(scene.cardOf(table)!, column);
}

function clear(): void {
  scene.choice = undefined;
  scene.relatedOnly = false;
  (byId('related') as HTMLInputElement).checked = false;
  update();
  status('');
}

function toggle(table: number): void {
  if (!scene.open.delete(table)) scene.open.add(table);
  else scene.whole.delete(table);
  keepInPlace(table, update);
}

/** Places may all become others: the table that one looks at stays where it is. */
function keepInPlace(table: number, act: () => void): void {
  const before = scene.cardOf(table);
  act();
  const after = scene.cardOf(table);
  if (before === undefined || after === undefined) return;
  const { k } = viewport.view;
  viewport.move((before.x - after.x) * k, (before.y - after.y) * k);
}

function setLevel(isOpen: boolean): void {
  scene.whole.clear();
  if (isOpen) scene.openAll();
  else scene.open.clear();
  update();
  viewport.fit();
}

setUpSearch(picture, chooseAndShow);
byId('fit').addEventListener('click', () => viewport.fit());
byId('in').addEventListener('click', () => viewport.move(0, 0, 1.4));
byId('out').addEventListener('click', () => viewport.move(0, 0, 1 / 1.4));
byId('tables').addEventListener('click', () => setLevel(false));
byId('columns').addEventListener('click', () => setLevel(true));
byId('kinds').addEventListener('change', (event) => {
  const kind = Number((event.target as HTMLInputElement).value);
  if (checked(event)) scene.hiddenKinds.delete(kind);
  else scene.hiddenKinds.add(kind);
  update();
});
byId('related').addEventListener('change', (event) => {
  scene.relatedOnly = checked(event);
  update();
  viewport.fit();
});
document.querySelector('#changes')?.addEventListener('change', (event) => {
  scene.changesOnly = checked(event);
  update();
  viewport.fit();
});

stage.addEventListener('click', (event) => {
  const found = scene.at(...viewport.placeOf(event));
  if (found === undefined) clear();
  else if (found.part === 'handle') toggle(found.card.table);
  else if (found.part === 'more') {
    scene.whole.add(found.card.table);
    keepInPlace(found.card.table, update);
  } else if (found.column === undefined) choose({ table: found.card.table });
  else choose({ table: found.card.table, column: found.column });
});
stage.addEventListener('dblclick', (event) => {
  const found = scene.at(...viewport.placeOf(event));
  if (found?.part === 'head') toggle(found.card.table);
});
stage.addEventListener('pointermove', (event) => {
  const found = event.buttons === 0 ? scene.at(...viewport.placeOf(event)) : undefined;
  stage.classList.toggle('over', found !== undefined);
  const { column, card } = found ?? {};
  const name = card && picture.tables[card.table]!.name;
  stage.title = (column === undefined ? name : columnTitle(picture, column)) ?? '';
});

const steps: Readonly<Record<string, () => void>> = {
  ArrowLeft: () => viewport.move(80, 0),
  ArrowRight: () => viewport.move(-80, 0),
  ArrowUp: () => viewport.move(0, 80),
  ArrowDown: () => viewport.move(0, -80),
  Enter: () => scene.choice && toggle(scene.choice.table),
};
const everywhere: Readonly<Record<string, () => void>> = {
  '+': () => viewport.move(0, 0, 1.4),
  '-': () => viewport.move(0, 0, 1 / 1.4),
  '0': () => viewport.fit(),
  '/': () => byId('search').focus(),
  Escape: clear,
};
document.addEventListener('keydown', (event) => {
  const { target, key, ctrlKey, metaKey, altKey } = event;
  if (ctrlKey || metaKey || altKey || target === byId('search')) return;
  const act = everywhere[key] ?? (target === stage ? steps[key] : undefined);
  if (act === undefined) return;
  event.preventDefault();
  act();
});
