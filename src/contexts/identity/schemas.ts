import { type TSchema, Type } from 'typebox';

const text = (maxLength: number, description: string) =>
  Type.String({ minLength: 1, maxLength, description });

const device = Type.Optional(text(128, 'An identifier the app keeps for this device.'));

export const loginBody = Type.Object({
  email: text(254, 'The e-mail address of the account.'),
  password: text(1024, 'As typed; at most 256 characters are ever set.'),
  device_id: device,
});

export const refreshBody = Type.Object({
  refresh_token: text(128, 'The newest refresh token of the session.'),
  device_id: device,
});

export const validateBody = optionalBody<{ token?: string }>({
  token: text(8192, 'An access token; else the Authorization header is read.'),
});

export const serviceTokenBody = optionalBody<{
  client_id?: string;
  client_secret?: string;
  grant_type?: 'client_credentials';
}>({
  client_id: text(128, 'Unless sent as HTTP Basic.'),
  client_secret: text(1024, 'Unless sent as HTTP Basic.'),
  grant_type: Type.Literal('client_credentials'),
});

/** No body at all fits too, which no JSON type says: the credential may be in the header. */
function optionalBody<Body extends object>(properties: Record<string, TSchema>) {
  const given = { type: 'object', properties };
  return Type.Unsafe<Body | undefined>({ anyOf: [given, { not: { type: 'object' } }] });
}

const user = Type.Object({
  id: Type.String(),
  kind: Type.Union([Type.Literal('user'), Type.Literal('client')]),
  roles: Type.Array(Type.String()),
  tenant_id: Type.String(),
  patient_id: Type.Optional(Type.String()),
});

const access = {
  access_token: Type.String({ description: 'RS256 JWT; send it as Authorization: Bearer ….' }),
  token_type: Type.Literal('Bearer'),
  expires_in: Type.Integer({ description: 'Seconds.' }),
  session_id: Type.String(),
};

export const serviceTokenAnswer = Type.Object(access, { description: 'A token for a system.' });

export const grantAnswer = Type.Object(
  {
    ...access,
    refresh_token: Type.String({ description: 'For one use; each answer brings the next.' }),
    refresh_expires_in: Type.Integer({ description: 'Seconds; using it in time starts anew.' }),
    user,
  },
  { description: 'A session.' },
);

export const validateAnswer = Type.Object(
  {
    valid: Type.Boolean(),
    reason: Type.Optional(Type.String({ description: 'Why it is not valid.' })),
    user: Type.Optional(user),
    session_id: Type.Optional(Type.String()),
    expires_at: Type.Optional(Type.String({ format: 'date-time' })),
  },
  { description: 'Whether the token is accepted now, and whose it is.' },
);

export const meAnswer = Type.Object(
  {
    id: Type.String(),
    kind: Type.String(),
    email: Type.Optional(Type.String()),
    name: Type.Optional(Type.String()),
    client_id: Type.Optional(Type.String()),
    roles: Type.Array(Type.String()),
    permissions: Type.Array(Type.String()),
    tenant_id: Type.String(),
    patient_id: Type.Optional(Type.String()),
    session_id: Type.String(),
  },
  { description: 'The caller.' },
);

export const jwksAnswer = Type.Object(
  { keys: Type.Array(Type.Object({ kty: Type.String(), kid: Type.String() })) },
  { description: 'RFC 7517.' },
);

export const nothing = Type.Null({ description: 'Done; nothing to say.' });

export const problem = (description: string) =>
  Type.Object(
    {
      error: Type.Object({
        code: Type.String(),
        message: Type.String(),
        details: Type.Object({}),
        trace_id: Type.String(),
      }),
    },
    { description },
  );
