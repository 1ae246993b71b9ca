import { passed, RefreshStage, type TestChain } from './refresh-stage';

const orders = 'create table sales.orders (id int, amount int);\n';
const totals = `${orders}insert into mart.totals (id, total) select id, sum(amount) from sales.orders group by id;`;

let stage: RefreshStage<'plain'>;

beforeAll(async () => {
  stage = await RefreshStage.open({ plain: {} });
});
afterAll(() => stage.close());

test('a first refresh makes a job and leaves everything that a revision holds', async () => {
  const chain: TestChain = stage.chain('plain', 'first');
  const run = await chain.refresh({ 'totals.sql': totals });
  const done = passed(run);
  expect(await chain.keys()).toEqual([]);
  expect(done).toEqual({});
});
