import { sendWebhook } from '../clients/webhook/send';
import type { Notification, NotifyEvent } from '../contracts/notify';
import type { NotifyField, NotifyTargetSettings } from './notify-schema';
import type { SecretResolver } from './secrets';

/** The configured notification targets. Addresses and headers are read anew for each notification. */
export class NotifyTargets {
  constructor(
    private readonly settings: Readonly<Record<string, NotifyTargetSettings>>,
    private readonly secrets: SecretResolver,
  ) {}

  /** Those that want to hear of an event. */
  of(event: NotifyEvent): readonly string[] {
    return Object.keys(this.settings).filter((name) => {
      const { on } = this.settings[name] ?? {};
      return on === undefined || on.includes(event);
    });
  }

  /** @throws WebhookError, ConfigurationError where a secret can't be read, or the signal's reason */
  async send(
    name: string,
    notification: Notification & { readonly installation: string },
    signal: AbortSignal,
  ): Promise<void> {
    const { url, headers = {}, body } = this.settings[name] ?? {};
    if (url === undefined) return;
    const at = `notify.${name}`;
    const read: Record<string, string> = {};
    for (const [header, source] of Object.entries(headers)) {
      read[header] = await this.secrets.read(source, `${at}.headers.${header}`);
    }
    const fields = fieldsOf(notification);
    await sendWebhook({
      url: typeof url === 'string' ? url : await this.secrets.read(url, `${at}.url`),
      headers: read,
      body: body === undefined || body === null ? fields : filled(body, fields),
      signal,
    });
  }
}

type Fields = Readonly<Partial<Record<NotifyField, string>>>;

function fieldsOf({
  atMs,
  ...notification
}: Notification & { readonly installation: string }): Fields {
  const { subject, message, next } = notification;
  const text = [`${subject}: ${message}`, ...(next === undefined ? [] : [next])].join('\n');
  return { text, ...notification, at: new Date(atMs).toISOString() };
}

/** The same with the fields in its texts; one that a notification doesn't have is left empty. */
function filled(body: unknown, fields: Fields): unknown {
  if (typeof body === 'string') {
    return body.replace(/\{\{\s*(\w+)\s*\}\}/g, (_all, name: NotifyField) => fields[name] ?? '');
  }
  if (Array.isArray(body)) return body.map((item: unknown) => filled(item, fields));
  if (typeof body !== 'object' || body === null) return body;
  return Object.fromEntries(
    Object.entries(body).map(([key, inner]) => [key, filled(inner, fields)]),
  );
}
