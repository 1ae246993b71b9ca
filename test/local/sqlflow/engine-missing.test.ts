import { LocalSqlFlow } from '../../../src/local/sqlflow/local-sqlflow';

describe('without the parser', () => {
  it('the local SQLFlow says how to install it', async () => {
    jest.doMock('@polyglot-sql/sdk', () => {
      throw Object.assign(new Error("Cannot find module '@polyglot-sql/sdk'"), {
        code: 'MODULE_NOT_FOUND',
      });
    });
    await expect(LocalSqlFlow.start()).rejects.toThrow(
      'The local SQLFlow needs @polyglot-sql/sdk to read SQL. Install it: npm install @polyglot-sql/sdk',
    );
  });
});
