import { pipeline } from 'node:stream/promises';
import { Writable } from 'node:stream';
import type { ServerResponse } from 'node:http';
import {
  HttpError,
  IncompleteError,
  InputError,
  TransportError,
  VendorError,
  WireError,
} from '../../../src/clients/linkis/public';
import { Gateway, call, failure, says, saysData, saysText } from './gateway';

const folder = 'hdfs:///tmp/hadoop/linkis/2026-08-11/100000/remotejobs/1946923';
const path = `${folder}/_0.dolphin`;

describe('Linkis result files', () => {
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await Gateway.start();
  });
  afterAll(() => gateway.close());

  describe('in their folder', () => {
    const list = () => gateway.client().getDirFileTrees(folder, call);

    it('come in the order of their numbers, _2 before _10', async () => {
      gateway.answer(says('dir-file-trees'));
      const files = await list();
      expect(gateway.last.query).toEqual({ path: folder });
      expect(files.map(({ name }) => name)).toEqual([
        '_0.dolphin',
        '_1.dolphin',
        '_2.dolphin',
        '_10.dolphin',
      ]);
      expect(files[0]).toEqual({ name: '_0.dolphin', path, sizeBytes: 7900, isLeaf: true });
    });

    it.each(['dir-file-trees-absent', 'dir-file-trees-empty'])('are none for %s', async (name) => {
      gateway.answer(says(name));
      expect(await list()).toEqual([]);
    });

    it('are a WireError where the answer says nothing of them', async () => {
      gateway.answer(saysData({}));
      expect(await failure(list(), WireError)).toMatchObject({ field: 'data.dirFileTrees' });
    });

    it('are never asked for with ".." in the path', async () => {
      gateway.answer(says('dir-file-trees'));
      const asked = gateway.client().getDirFileTrees('file:///tmp/../etc', call);
      expect(await failure(asked, InputError)).toMatchObject({ field: 'path' });
      expect(gateway.received).toEqual([]);
    });
  });

  describe('by pages', () => {
    const open = (page = {}) => gateway.client().openFile(path, page, call);

    it('are columns and rows, where NULL is null and "NULL" and "" are text', async () => {
      gateway.answer(says('open-file-table'));
      expect(await open({ page: 3, pageSize: 4 })).toEqual({
        kind: 'table',
        columns: [
          { name: 'name', dataType: 'string' },
          { name: 'amount', dataType: 'long', comment: 'in cents' },
        ],
        rows: [
          ['a "b", c\nd 🙂', '28'],
          [null, ''],
          [null, 'NULL'],
          ['', '1000000000000000000000'],
        ],
        totalLine: 4,
        page: 3,
        isLast: false,
      });
      expect(gateway.last.query).toEqual({
        path,
        page: '3',
        pageSize: '4',
        nullValue: 'LINKIS_NULL',
      });
      expect(await open()).toMatchObject({ page: 1, isLast: true });
      expect(gateway.last.query).toMatchObject({ page: '1', pageSize: '5000' });
    });

    it.each([
      ['open-file-text', 'text', 'one'],
      ['open-file-html', 'html', '<b>one</b>'],
      ['open-file-script', 'text', 'select 1'],
    ])('have no columns in %s', async (name, kind, first) => {
      gateway.answer(says(name));
      const page = await open();
      expect(page.kind).toBe(kind);
      expect(page.columns).toBeUndefined();
      expect(page.rows[0]).toEqual([first]);
    });

    it('are incomplete where the service withholds them with HTTP 200 and status 0', async () => {
      gateway.answer(says('open-file-prohibited'));
      const error = await failure(open(), IncompleteError);
      expect(error.reason).toBe('Linkis.DisplayProhibited');
      expect(error.message).toContain('The result set is too large to display');
    });

    it('are incomplete where the file is empty or no result set', async () => {
      gateway.answer(says('open-file-not-dolphin', 400));
      const error = await failure(open(), IncompleteError);
      expect(error.reason).toBe('Linkis.NotAResultSet');
      expect(error.message).toContain('File header type must be dolphin');
    });

    it('are notFound where there is no such file', async () => {
      gateway.answer(says('open-file-missing', 400));
      expect(await failure(open(), VendorError)).toMatchObject({
        kind: 'notFound',
        vendorCode: 80004,
      });
    });

    it.each([
      [{ metadata: 'NULL', type: '1' }, 'data.fileContent'],
      [{ metadata: 'NULL', type: '1', fileContent: [['a'], [{}]] }, 'data.fileContent[1]'],
      [{ metadata: 'NULL', type: '2', fileContent: [] }, 'data.metadata'],
      [
        { metadata: [{ columnName: 'a' }], type: '2', fileContent: [['1'], []] },
        'data.fileContent[1]',
      ],
    ])('are a WireError for %j', async (data, field) => {
      gateway.answer(saysData(data));
      expect(await failure(open(), WireError)).toMatchObject({ field });
    });

    it.each([0, 100_001, 1.5])('are never asked for by %d rows', async (pageSize) => {
      expect(await failure(open({ pageSize }), InputError)).toMatchObject({ field: 'pageSize' });
    });
  });

  it('have a log of their task, whole', async () => {
    gateway.answer(says('open-log'));
    const log = await gateway.client().openLog('hdfs:///tmp/x.log', call);
    expect(log).toEqual({ lines: ['a', 'b'], byLevel: { error: [], warn: [], info: ['a', 'b'] } });
    expect(gateway.last).toMatchObject({
      path: '/api/rest_j/v1/filesystem/openLog',
      query: { path: 'hdfs:///tmp/x.log' },
    });
  });

  describe('as a download', () => {
    const asCsv = (options = {}) =>
      gateway.client().resultsetToExcel(path, { type: 'csv', ...options }, call);
    const asXlsx = () => gateway.client().resultsetToExcel(path, { type: 'xlsx' }, call);
    const attachment = { 'content-disposition': 'attachment;filename=x.csv' };
    const plain = { 'content-type': 'text/plain;charset=UTF-8' };
    const read = async (file: Promise<AsyncIterable<Buffer>>) => {
      const chunks: Buffer[] = [];
      for await (const chunk of await file) chunks.push(chunk);
      return Buffer.concat(chunks);
    };

    it('say everything that the service lets them say, and always a limit', async () => {
      gateway.answer(saysText('a;b\n', 200, attachment));
      expect((await read(asCsv())).toString()).toBe('a;b\n');
      expect(gateway.last.query).toEqual({ path, outputFileType: 'csv', limit: '2147483647' });
      await read(
        asCsv({
          limit: 10,
          charset: 'utf-8',
          separator: ';',
          quoteRetouchEnable: true,
          outputFileName: 'x',
          sheetName: 's',
          nullValue: '',
          autoFormat: false,
          keepNewline: true,
        }),
      );
      expect(gateway.last.query).toEqual({
        path,
        outputFileType: 'csv',
        limit: '10',
        charset: 'utf-8',
        csvSeperator: ';',
        csvSeparator: ';',
        quoteRetouchEnable: 'true',
        outputFileName: 'x',
        sheetName: 's',
        nullValue: '',
        autoFormat: 'false',
        keepNewline: 'true',
      });
    });

    it('of a folder are one workbook, with a limit too', async () => {
      gateway.answer(saysText('PK\u0003\u0004rest', 200, attachment));
      const file = gateway.client().resultsetsToExcel(folder, { autoFormat: true }, call);
      expect((await read(file)).toString()).toBe('PK\u0003\u0004rest');
      expect(gateway.last).toMatchObject({ path: '/api/rest_j/v1/filesystem/resultsetsToExcel' });
      expect(gateway.last.query).toEqual({ path: folder, limit: '2147483647', autoFormat: 'true' });
    });

    it.each([
      ['without', {}],
      ['even with', attachment],
    ])(
      'are an error where the text begins with error(错误):, %s Content-Disposition',
      async (_title, headers) => {
        gateway.answer(saysText('error(错误):file does not exist', 200, { ...plain, ...headers }));
        const error = await failure(asXlsx(), VendorError);
        expect(error).toMatchObject({ kind: 'notFound', httpStatus: 200 });
        expect(error.serviceMessage).toBe('file does not exist');
      },
    );

    it('keep the token out of such an error', async () => {
      gateway.answer(saysText('error(错误):bad local-secret-token', 200, plain));
      expect((await failure(asCsv(), VendorError)).message).not.toContain('local-secret-token');
    });

    it.each([
      ['a text', 'some text'],
      ['a successful envelope', '{"status":0,"message":"OK","data":{}}'],
      ['nothing', ''],
    ])('are a WireError for %s without Content-Disposition', async (_title, text) => {
      gateway.answer(saysText(text, 200, plain));
      const error = await failure(asCsv(), WireError);
      expect(error.field).toBe('the header content-disposition');
    });

    it('are the error of an envelope or of a gateway', async () => {
      gateway.answer(says('no-access', 403));
      expect(await failure(asCsv(), VendorError)).toMatchObject({ kind: 'refused', vendorCode: 3 });
      gateway.answer(says('no-access', 200));
      expect(await failure(asCsv(), VendorError)).toMatchObject({ kind: 'refused', vendorCode: 3 });
      gateway.answer(saysText('<html><title>Bad Gateway</title></html>', 502));
      expect(await failure(asCsv(), HttpError)).toMatchObject({ status: 502 });
    });

    it('are a WireError where a workbook is no zip, or a file is empty', async () => {
      gateway.answer(saysText('a,b\n', 200, attachment));
      expect(await failure(asXlsx(), WireError)).toMatchObject({ field: 'body' });
      gateway.answer(saysText('', 200, attachment));
      expect(await failure(asCsv(), WireError)).toMatchObject({ field: 'body', found: 'empty' });
    });

    it('fail where the stream breaks off', async () => {
      gateway.answer((response: ServerResponse) => {
        response.writeHead(200, attachment);
        response.write('a,b\n'.repeat(20));
        setTimeout(() => response.destroy(), 50);
      });
      const error = await failure(read(asCsv()), TransportError);
      expect(error.code).toBe('Transport.TruncatedBody');
    });

    it('arrive whole and unchanged, whatever the chunks', async () => {
      const sent = Buffer.alloc(3_000_000, 'PK\u0003\u0004 and so on');
      gateway.answer((response: ServerResponse) => {
        response.writeHead(200, attachment);
        response.write(sent.subarray(0, 1));
        setTimeout(() => response.end(sent.subarray(1)), 20);
      });
      const received: Buffer[] = [];
      const sink = new Writable({
        write(chunk: Buffer, _encoding, done) {
          received.push(chunk);
          done();
        },
      });
      await pipeline(await asXlsx(), sink);
      expect(Buffer.concat(received).equals(sent)).toBe(true);
    });

    it('can be given up in the middle', async () => {
      const closed = new Promise<void>((resolve) => {
        gateway.answer((response: ServerResponse) => {
          response.on('close', resolve);
          response.writeHead(200, attachment);
          const more = () => {
            while (!response.destroyed && response.write(Buffer.alloc(65_536, 'x')));
          };
          response.on('drain', more);
          more();
        });
      });
      const file = await asCsv();
      for await (const chunk of file) {
        expect((chunk as Buffer).length).toBeGreaterThan(0);
        break;
      }
      await closed;
    });

    it('know only csv and xlsx, and no limit of 0', async () => {
      expect(await failure(asCsv({ type: 'excel' }), InputError)).toMatchObject({ field: 'type' });
      expect(await failure(asCsv({ limit: 0 }), InputError)).toMatchObject({ field: 'limit' });
    });
  });
});
