import { openRoute, type Route, route } from '../../platform/http/route.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { type Bearer, bearerToken } from './bearer.ts';
import { userView } from './grant.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { me } from './me.ts';
import type { Means } from './means.ts';
import { refresh } from './refresh.ts';
import * as schemas from './schemas.ts';
import { basicCredentials, type ClientCredentials, serviceToken } from './service-token.ts';

const tag = 'Authentication';
const refused = { 401: schemas.problem('The credential proves nothing.') };
const throttled = { ...refused, 429: schemas.problem('Too many failures; Retry-After says when.') };

/** Open: login, refresh, validate, service-token, JWKS. With a token: me, logout. */
export function identityRoutes(means: Means, bearer: Bearer): readonly Route[] {
  return [
    ...sessionRoutes(means, bearer),
    ...tokenRoutes(means, bearer),
    openRoute(
      {
        method: 'GET',
        path: '/.well-known/jwks.json',
        summary: 'Public keys that verify access tokens',
        tag,
        replies: { 200: schemas.jwksAnswer },
      },
      async () => ({
        status: 200,
        headers: { 'cache-control': 'public, max-age=300' },
        body: means.keys.jwks,
      }),
    ),
  ];
}

function sessionRoutes(means: Means, bearer: Bearer): Route[] {
  return [
    openRoute(
      {
        method: 'POST',
        path: '/api/v1/auth/login',
        summary: 'Log in with e-mail and password',
        tag,
        body: schemas.loginBody,
        replies: { 200: schemas.grantAnswer, ...throttled },
      },
      async (call) => {
        const { email, password, device_id: device } = call.body;
        return { status: 200, body: await login(means, { email, password, device }, call) };
      },
    ),
    openRoute(
      {
        method: 'POST',
        path: '/api/v1/auth/refresh',
        summary: 'Exchange a refresh token for the next',
        tag,
        body: schemas.refreshBody,
        replies: { 200: schemas.grantAnswer, ...refused },
      },
      async (call) => {
        const { refresh_token: token, device_id: device } = call.body;
        return { status: 200, body: await refresh(means, bearer, { token, device }, call) };
      },
    ),
    route(
      {
        method: 'POST',
        path: '/api/v1/auth/logout',
        summary: 'End the session of this token',
        tag,
        replies: { 204: schemas.nothing, ...refused },
      },
      async ({ caller }) => {
        await logout(means, bearer, caller);
        return { status: 204 };
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/v1/auth/me',
        summary: 'Who the caller is and what they may do',
        tag,
        replies: { 200: schemas.meAnswer, ...refused },
      },
      async ({ caller }) => ({ status: 200, body: await me(means, caller.principal) }),
    ),
  ];
}

function tokenRoutes(means: Means, bearer: Bearer): Route[] {
  return [
    openRoute(
      {
        method: 'POST',
        path: '/api/v1/auth/validate',
        summary: 'Ask whether an access token is accepted',
        tag,
        body: schemas.validateBody,
        replies: { 200: schemas.validateAnswer, ...refused },
      },
      async (call) => {
        const token = call.body?.token ?? bearerToken(call.headers['authorization']?.toString());
        const checked = await bearer.check(token);
        if (!checked.valid) return { status: 200, body: { valid: false, reason: checked.reason } };
        const { principal, claims } = checked;
        const { session: session_id } = principal;
        const expires_at = new Date(claims.exp * 1000).toISOString();
        const user = userView(principal, claims.tenant);
        return { status: 200, body: { valid: true, user, session_id, expires_at } };
      },
    ),
    openRoute(
      {
        method: 'POST',
        path: '/api/v1/auth/service-token',
        summary: 'Get an access token as a system',
        tag,
        body: schemas.serviceTokenBody,
        replies: { 200: schemas.serviceTokenAnswer, ...throttled },
      },
      async (call) => {
        const credentials = clientCredentials(call.body, call.headers['authorization']?.toString());
        return { status: 200, body: await serviceToken(means, credentials, call) };
      },
    ),
  ];
}

function clientCredentials(
  body: { client_id?: string; client_secret?: string } | undefined,
  authorization: string | undefined,
): ClientCredentials {
  if (authorization !== undefined) return basicCredentials(authorization);
  const { client_id: clientId, client_secret: secret } = body ?? {};
  if (clientId !== undefined && secret !== undefined) return { clientId, secret };
  return refuse(kinds.validation, 'Send client_id and client_secret, or both as HTTP Basic.');
}
