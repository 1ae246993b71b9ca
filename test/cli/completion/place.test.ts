import { currentTree } from '../../../src/cli/completion/complete';
import { wordsOf } from '../../../src/cli/completion/line';
import { placeOf } from '../../../src/cli/completion/place';

const tree = currentTree();
const place = (line: string) => placeOf(tree, wordsOf(line).slice(1));
const values = (line: string) => place(line).candidates.map(({ value }) => value);

test('commands and groups are offered with what they do', () => {
  expect(values('remote-jobs ')).toEqual(expect.arrayContaining(['sqlflow', 'list', 'doctor']));
  expect(place('remote-jobs linkis').candidates).toEqual([
    { value: 'linkis', about: 'run, attach' },
  ]);
  expect(values('remote-jobs li')).toEqual(['linkis', 'list', 'lineage']);
  expect(values('remote-jobs sqlflow r')).toEqual(['run']);
  expect(values('remote-jobs --output json sqlflow r')).toEqual(['run']);
});

test('options are those of the command and those of all; a flag that was given is not offered again', () => {
  expect(values('remote-jobs sqlflow run --pers')).toEqual(['--persist']);
  expect(values('remote-jobs sqlflow run --out')).toEqual(['--out', '--output']);
  expect(values('remote-jobs sqlflow run --persist --pers')).toEqual([]);
  expect(values('remote-jobs linkis run --var day=1 --va')).toEqual(['--var']);
});

test('choices are offered as the value of an option, behind a space as behind "="', () => {
  expect(values('remote-jobs sqlflow run --after-export ')).toEqual(['keep', 'delete']);
  expect(values('remote-jobs --output=j')).toEqual(['--output=json']);
  expect(values('remote-jobs sqlflow run --dbvendor hi')).toEqual(['hive']);
  expect(values('remote-jobs completion ')).toEqual(['bash', 'zsh', 'fish']);
});

test('files, folders and what Temporal or the configuration knows are told apart', () => {
  const kind = (line: string) => place(line).kind;
  expect(kind('remote-jobs sqlflow run etl/')).toMatchObject({ files: 'files' });
  expect(kind('remote-jobs sqlflow run a.sql b')).toMatchObject({ files: 'files' });
  expect(kind('remote-jobs sqlflow run a.sql --out ')).toEqual({ files: 'folders' });
  expect(kind('remote-jobs --config x')).toEqual({ files: 'files' });
  expect(kind('remote-jobs watch ')).toMatchObject({ ask: 'runningJob' });
  expect(kind('remote-jobs chain show ')).toMatchObject({ ask: 'chain' });
  expect(kind('remote-jobs schedule pause ')).toMatchObject({ ask: 'schedule' });
  expect(kind('remote-jobs lineage show ')).toMatchObject({ ask: 'chain', files: 'files' });
  expect(kind('remote-jobs linkis run --connection ')).toEqual({ ask: 'linkisConnection' });
  expect(kind('remote-jobs watch one t')).toEqual({});
});

test('what a schedule runs is completed as the command line that it is', () => {
  expect(values('remote-jobs schedule create nightly --every 1h -- chain re')).toEqual([
    'refresh',
    'resume',
  ]);
  expect(values('remote-jobs schedule create nightly -- linkis run --endp')).toEqual([
    '--endpoint',
  ]);
});

test('the options that say whom to ask are taken from the line', () => {
  expect(place('remote-jobs --address h:1 show --namespace=n ').given).toEqual({
    '--address': 'h:1',
    '--namespace': 'n',
  });
});

test('a line is read as a shell reads it', () => {
  expect(wordsOf('a "b c" d\\ e \'f')).toEqual(['a', 'b c', 'd e', 'f']);
  expect(wordsOf('a --x=1:2 ')).toEqual(['a', '--x=1:2', '']);
});
