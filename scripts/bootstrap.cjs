'use strict';
// Makes node_modules what package-lock.json says, so `npm start` and `npm test` need no other
// command. Plain CommonJS without dependencies: any Node from 18 on runs it before an install.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.dirname(__dirname);
const modules = path.join(root, 'node_modules');
const stampFile = path.join(modules, '.medconnect-install.json');
const node = path.join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

const readJson = (file) => JSON.parse(fs.readFileSync(file, 'utf8'));

function readJsonIfThere(file) {
  try {
    return readJson(file);
  } catch {
    return undefined; // absent or cut short by a killed install: both mean "not installed"
  }
}

/** What an install is good for: the lock file's bytes, and the platform of its binaries. */
function fingerprint() {
  const lock = fs.readFileSync(path.join(root, 'package-lock.json'));
  const digest = createHash('sha256').update(lock).digest('hex');
  return `${digest} ${process.platform} ${process.arch}`;
}

/** The lock file must be the one npm made for this package.json: `npm ci` asks the same. */
function lockDisagreement(manifest, lock) {
  const locked = lock.packages?.[''] || {};
  for (const field of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    const wanted = manifest[field] || {};
    const found = locked[field] || {};
    for (const name of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
      if (wanted[name] !== found[name]) return name;
    }
  }
  return undefined;
}

/** True when npm's record of what it installed holds every package the lock file says is due. */
function installedMatches(lock, installed, withDev) {
  if (!installed?.packages) return false;
  return Object.entries(lock.packages).every(([place, wanted]) => {
    if (place === '') return true;
    const found = installed.packages[place];
    if (!found) return wanted.optional === true || (wanted.dev === true && !withDev);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

function isInstalled(withDev) {
  const stamp = readJsonIfThere(stampFile);
  const usable = stamp && (stamp.dev || !withDev) && fs.existsSync(node);
  return Boolean(usable) && stamp.fingerprint === fingerprint();
}

function writeStamp(dev) {
  fs.writeFileSync(stampFile, JSON.stringify({ fingerprint: fingerprint(), dev }));
}

/** Someone ran `npm install` themselves: adopt it instead of doing the work again. */
function adoptInstall(lock) {
  const installed = readJsonIfThere(path.join(modules, '.package-lock.json'));
  if (!fs.existsSync(node)) return;
  for (const dev of [true, false]) {
    if (installedMatches(lock, installed, dev)) return writeStamp(dev);
  }
}

/** Installs what is missing; resolves to Node 24's path. `withDev`: also what only tests use. */
async function ensureInstalled(withDev) {
  if (isInstalled(withDev)) return node;
  const { install, withInstallLock } = require('./install.cjs');
  const lock = readJson(path.join(root, 'package-lock.json'));
  const stranger = lockDisagreement(readJson(path.join(root, 'package.json')), lock);
  if (stranger) {
    throw new Error(
      `package.json and package-lock.json disagree about ${stranger}. Run: npm install`,
    );
  }
  await withInstallLock(root, async () => {
    adoptInstall(lock);
    if (isInstalled(withDev)) return;
    const dev = withDev || process.env.NODE_ENV !== 'production';
    await install({ root, modules, lock, dev });
    if (!fs.existsSync(node)) {
      throw new Error('npm installed everything but Node 24 itself. Run: npm rebuild node');
    }
    writeStamp(dev);
  });
  return node;
}

module.exports = { ensureInstalled, installedMatches, lockDisagreement, root };

if (require.main === module) {
  ensureInstalled(true).catch((error) => {
    console.error(`medconnect: ${error.message}`);
    process.exitCode = 1;
  });
}
