import { z } from 'zod';

/** Where a secret's value is: an environment variable or a file of the worker, never the value itself. */
export const secretSourceSchema = z.union(
  [
    z.strictObject({ env: z.string().trim().min(1) }),
    z.strictObject({ file: z.string().trim().min(1) }),
  ],
  { error: 'give { env: NAME } or { file: PATH }; a literal secret is refused' },
);

export type SecretSource = z.infer<typeof secretSourceSchema>;

const urlSchema = z.string().superRefine((value, context) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  let problem: string | undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    problem = 'give an http:// or https:// address';
  } else if (url.username !== '' || url.password !== '') {
    problem = 'holds a user or password; leave them out and use the credential settings';
  } else if (url.search !== '' || url.hash !== '') {
    problem = 'holds a query or a fragment; give the base address only';
  }
  if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
});

const milliseconds = z.number().int().positive();

/** Time-outs and limits of the HTTP transport; see `HttpTransportOptions`. */
const transport = {
  connectTimeoutMs: milliseconds.optional(),
  headersTimeoutMs: milliseconds.optional(),
  bodyTimeoutMs: milliseconds.optional(),
  maxBodyBytes: z.number().int().positive().optional(),
  maxConnections: z.number().int().positive().optional(),
};

export const sqlflowConnectionSchema = z
  .strictObject({
    type: z.literal('sqlflow'),
    url: urlSchema,
    userId: z.string().trim().min(1),
    secretKey: secretSourceSchema.optional(),
    token: secretSourceSchema.optional(),
    ...transport,
  })
  .refine(
    (connection) => (connection.secretKey === undefined) !== (connection.token === undefined),
    {
      path: ['secretKey'],
      error: 'give either secretKey or token, and only one of them',
    },
  );

export const linkisConnectionSchema = z
  .strictObject({
    type: z.literal('linkis'),
    url: urlSchema,
    user: z.string().trim().min(1),
    password: secretSourceSchema.optional(),
    token: secretSourceSchema.optional(),
    /** Other users that tasks may run as; needs a token. */
    users: z.array(z.string().trim().min(1)).optional(),
    /** The creator of tasks that name none. */
    creator: z.string().trim().min(1).optional(),
    submitTimeoutMs: milliseconds.optional(),
    ...transport,
  })
  .refine(
    (connection) => (connection.password === undefined) !== (connection.token === undefined),
    {
      path: ['password'],
      error: 'give either password or token, and only one of them',
    },
  );

export const connectionSchema = z.discriminatedUnion('type', [
  sqlflowConnectionSchema,
  linkisConnectionSchema,
]);

export type SqlFlowConnectionSettings = z.infer<typeof sqlflowConnectionSchema>;
export type LinkisConnectionSettings = z.infer<typeof linkisConnectionSchema>;
export type ConnectionSettings = z.infer<typeof connectionSchema>;

export const connectionsSchema = z.record(
  z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, {
    error: 'a connection name has letters, digits, ".", "_" and "-"',
  }),
  connectionSchema,
);

export const installationSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,31}$/, {
  error: 'give 1 to 32 of a-z, 0-9 and "-"',
});
