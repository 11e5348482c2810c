import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { openRoute, type Route } from '../../platform/http/route.ts';

const style = `
:root { color-scheme: light dark; --ink: #14212b; --paper: #f6f8f9; --line: #d5dde2; --link: #0b6472 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4ecf0; --paper: #10181d; --line: #2a3942; --link: #6fc9d6 }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
main { max-width: 44rem; margin: 0 auto; padding: 4rem 1.5rem }
h1 { margin: 0 0 .25rem; font-size: 2rem; letter-spacing: -.02em }
p { margin: 0 0 2rem; max-width: 36rem }
ul { margin: 0; padding: 0; list-style: none; border-top: 1px solid var(--line) }
li { border-bottom: 1px solid var(--line) }
a { display: grid; grid-template-columns: 12rem 1fr; gap: 1rem; padding: .8rem .25rem;
  color: inherit; text-decoration: none }
a:hover b, a:focus-visible b { text-decoration: underline }
b { color: var(--link); font-weight: 600 }
footer { margin-top: 2rem; opacity: .7; font-size: .875rem }
@media (max-width: 32rem) { a { grid-template-columns: 1fr; gap: 0 } main { padding-top: 2rem } }
`;

const links = [
  ['/docs', 'Interface', 'every path, with examples to try'],
  ['/fhir/metadata', 'CapabilityStatement', 'what the FHIR R4 server does'],
  ['/health', 'Health', 'is everything answering'],
  ['/metrics', 'Metrics', 'figures for Prometheus'],
  ['/openapi.json', 'OpenAPI 3.1', 'the interface for programs'],
] as const;

function homePage(version: string): string {
  const rows = links.map(
    ([path, name, meaning]) =>
      `<li><a href="${path}"><b>${name}</b><span>${meaning}</span></a></li>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>MedConnect</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<main>
<h1>MedConnect</h1>
<p>A sealed, audited FHIR R4 record store with identity and access.
Every access leaves a row in a log whose integrity anyone with its public key can check.</p>
<ul>
${rows.join('\n')}
</ul>
<footer>Version ${version}</footer>
</main>
</body>
</html>
`;
}

/** One page without script or outside file; its style is allowed by its hash (CSP 3, 2.3.1). */
export function homeRoute(version: string): Route {
  const hash = createHash('sha256').update(style).digest('base64');
  const policy =
    `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-cache',
  };
  const body = homePage(version);
  return openRoute(
    {
      method: 'GET',
      path: '/',
      summary: 'What is here',
      tag: 'Documents',
      replies: { 200: Type.String({ contentMediaType: 'text/html' }) },
    },
    async () => ({ status: 200, headers, body }),
  );
}
