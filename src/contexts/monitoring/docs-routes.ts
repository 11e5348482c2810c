import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Type } from 'typebox';
import { openRoute, type Reply, type Route } from '../../platform/http/route.ts';
import { kinds, refuse } from '../../platform/problem.ts';
import { docsInitializer, docsPage } from './docs-page.ts';

/** The files of swagger-ui-dist the page needs; the package ships 12 MB more. */
const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

const textOf = (contentMediaType: string) => Type.String({ contentMediaType });
const tag = 'Documents';

/** Swagger UI and the document it shows, all from this server. `document` is asked once, late. */
export function docsRoutes(document: () => object): Route[] {
  let openapi: string | undefined;
  return [
    openRoute(
      {
        method: 'GET',
        path: '/openapi.json',
        summary: 'This interface as OpenAPI 3.1',
        tag,
        replies: { 200: Type.Object({}, { description: 'The OpenAPI document.' }) },
      },
      async () => {
        openapi ??= JSON.stringify(document());
        return page('application/json; charset=utf-8', openapi);
      },
    ),
    openRoute(
      {
        method: 'GET',
        path: '/docs',
        summary: 'Swagger UI',
        tag,
        replies: { 200: textOf('text/html') },
      },
      async () => page('text/html; charset=utf-8', docsPage),
    ),
    openRoute(
      {
        method: 'GET',
        path: '/docs/:file',
        summary: 'A file of Swagger UI',
        tag,
        params: Type.Object({ file: Type.String() }),
        replies: { 200: textOf('application/octet-stream') },
      },
      async ({ params }) => file(params.file),
    ),
  ];
}

/** Swagger UI sets style attributes and inlines its icons; nothing may come from elsewhere. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

function page(type: string, body: string): Reply {
  const headers = {
    'content-type': type,
    'content-security-policy': policy,
    'cache-control': 'no-cache',
    'referrer-policy': 'no-referrer',
  };
  return { status: 200, headers, body };
}

async function file(name: string): Promise<Reply> {
  if (name === 'initializer.js') return page('text/javascript; charset=utf-8', docsInitializer);
  const type = Object.hasOwn(assets, name) ? assets[name] : undefined;
  if (type === undefined) refuse(kinds.noRoute, 'No such file; /docs is the page.');
  const home = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  return {
    status: 200,
    // A day: a newer MedConnect brings newer files under the same names.
    headers: { 'content-type': type, 'cache-control': 'public, max-age=86400' },
    body: await readFile(join(home, name)),
  };
}
