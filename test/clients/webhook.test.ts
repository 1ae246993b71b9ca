import { sendWebhook, WebhookError } from '../../src/clients/webhook/send';
import { serve, type TestServer } from './http/server';

let server: TestServer;
let seen: string[];
beforeEach(async () => {
  seen = [];
  server = await serve((request, response) => {
    seen.push(request.url ?? '');
    response.end('ok');
  });
});
afterEach(() => server.close());

const { signal } = new AbortController();
const send = (url: string) => sendWebhook({ url, headers: {}, body: {}, signal });

test('the path and the query of a webhook are sent as they were given', async () => {
  const signed = '/hook/a%2Fb@c/In?sp=%2Ftriggers%2Frun&tag=one&tag=two&sig=a%20b+c~d&flag';
  await send(`${server.url}${signed}`);
  expect(seen).toEqual([signed]);
});

test('an address with a user or a password is refused, since neither would be sent, and not shown', async () => {
  const failed = send(server.url.replace('://', '://bot:s3cret@'));
  await expect(failed).rejects.toMatchObject({
    message: expect.stringContaining('give them as the header authorization') as string,
    isPassing: false,
  });
  await expect(failed).rejects.not.toThrow('s3cret');
  await expect(send('ftp://hooks.example.com')).rejects.toThrow(WebhookError);
  expect(seen).toEqual([]);
});
