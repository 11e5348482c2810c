'use strict';
// What to do when npm failed: the sentence for its error code, then npm's own last words.
const advice = [
  [
    [
      'ENOTCACHED',
      'ENOTFOUND',
      'EAI_AGAIN',
      'ECONNREFUSED',
      'ECONNRESET',
      'ETIMEDOUT',
      'ERR_SOCKET_TIMEOUT',
    ],
    'The npm registry cannot be reached. Connect this machine to the internet, or set your proxy or mirror ' +
      '(npm config set proxy …, npm config set registry …), then run the same command again.',
  ],
  [
    ['E401', 'E403', 'E407'],
    'The npm registry, or the proxy before it, refused us. Check `npm config get registry` and the login to it, then run the same command again.',
  ],
  [
    ['E404', 'ETARGET'],
    'The npm registry does not offer a package that package-lock.json names. Check `npm config get registry`: a mirror may lag behind.',
  ],
  [
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    "The npm registry's certificate is not trusted here. If your network inspects TLS, give npm its root: npm config set cafile <file>.",
  ],
  [
    ['EINTEGRITY'],
    'A downloaded package is not the one package-lock.json was made with. Run `npm cache clean --force`, then the same command again; if it comes back, do not trust that registry.',
  ],
  [
    ['ENOSPC'],
    'The disk is full: about 500 MB are needed. Make room, then run the same command again.',
  ],
  [
    ['EACCES', 'EPERM', 'EROFS'],
    'This folder, or the npm cache in your home, cannot be written. Run as the user who owns them, or clone into a folder of your own.',
  ],
  [
    ['ENOENT'],
    'npm itself was not found. Install Node 20 or newer together with npm, then run the same command again.',
  ],
];
const quotedLines = 8;

/** `lines`: the end of npm's log; `signal`: set when npm was stopped from outside. */
function explainFailure(lines, signal) {
  if (signal) return `The install was stopped (${signal}). Run the same command again.`;
  const errors = lines
    .filter((line) => /^npm (?:error|ERR!)/.test(line))
    .map((line) => line.replace(/^npm (?:error|ERR!) ?/, ''))
    .filter((line) => line.trim() !== '' && !/^(?:A complete log| {4}at )/.test(line));
  const said = errors.join('\n');
  const known = advice.find(([codes]) =>
    codes.some((code) => new RegExp(`\\b${code}\\b`).test(said)),
  );
  const what = known ? known[1] : 'npm could not install the packages. What it said:';
  return [what, ...errors.slice(0, quotedLines).map((line) => `  npm: ${line}`)].join('\n');
}

module.exports = { explainFailure };
