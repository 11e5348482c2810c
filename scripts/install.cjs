'use strict';
// One `npm install` from the lock file, told line by line, and explained if it fails.
const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { explainFailure } = require('./install-failure.cjs');
const { InstallProgress } = require('./install-progress.cjs');

const lockWaitMs = 500;
const keptLines = 200; // of npm's own output, enough to explain any failure of npm
/** Failed requests in a row: two packages, three tries each. npm itself would go on for minutes. */
const patience = 6;
const failedRequest = /^npm http fetch .* attempt \d+ failed with E/;
const answeredRequest = /^npm http (?:fetch \S+ \d|cache )/;

/**
 * `npm ci` of npm 11.19 refuses a lock file that lacks an optional package of another platform
 * which its registry does not offer (an open bug). So this is an `npm install` that may not
 * write the lock file; bootstrap.cjs compares it with package.json first. SCARF_ANALYTICS silences
 * the telemetry of swagger-ui-dist under npm 10, which does not know `allowScripts`.
 */
function npmCommand(modules, dev, offline) {
  const execPath = process.env.npm_execpath;
  // Within npm's scripts `node` may be the one in node_modules, which is about to go.
  const node = [process.execPath, process.env.npm_node_execpath].find(
    (file) => file && !file.startsWith(modules + path.sep),
  );
  const ownNpm = node && execPath && /npm-cli\.[cm]?js$/.test(execPath);
  const flags = ['install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline'];
  flags.push('--loglevel=info', '--ignore-scripts=false', '--global=false');
  flags.push('--fetch-retries=2', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000');
  flags.push(dev ? '--include=dev' : '--omit=dev', ...(offline ? ['--offline'] : []));
  return {
    command: ownNpm ? node : process.platform === 'win32' ? 'npm.cmd' : 'npm',
    args: ownNpm ? [execPath, ...flags] : flags,
    env: { ...process.env, SCARF_ANALYTICS: 'false', DO_NOT_TRACK: '1', NODE_ENV: '' },
  };
}

/** `unreachable`: given up because the registry did not answer. */
function runNpm({ root, modules, dev, offline }, onLine) {
  const { command, args, env } = npmCommand(modules, dev, offline);
  return new Promise((resolve, reject) => {
    const shell = command.endsWith('.cmd');
    const child = spawn(command, args, {
      cwd: root,
      env,
      shell,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let rest = '';
    let failures = 0;
    const watch = (line) => {
      if (answeredRequest.test(line)) failures = 0;
      if (failedRequest.test(line)) failures += 1;
      if (failures >= patience) child.kill();
      onLine(line);
    };
    child.stderr.setEncoding('utf8').on('data', (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() || '';
      lines.forEach(watch);
    });
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code, signal, unreachable: failures >= patience }),
    );
  });
}

async function install({ root, modules, lock, dev }) {
  const due = Object.entries(lock.packages).filter(
    ([place, entry]) => place !== '' && !entry.optional && (dev || !entry.dev),
  );
  const progress = new InstallProgress(due.length, process.stderr);
  const last = [];
  const onLine = (line) => {
    last.push(line);
    if (last.length > keptLines) last.shift();
    progress.npmSaid(line);
  };
  progress.say('Installing what package-lock.json lists, with Node 24 and PostgreSQL 18.');
  try {
    // What a killed install left behind cannot be told from what is whole.
    fs.rmSync(modules, { recursive: true, force: true });
    let result = await runNpm({ root, modules, dev, offline: false }, onLine);
    if (result.unreachable) {
      progress.say('The npm registry does not answer; trying with what npm has in its cache.');
      result = await runNpm({ root, modules, dev, offline: true }, onLine);
    }
    if (result.code !== 0) throw new Error(explainFailure(last, result.signal));
  } catch (error) {
    if (!error.code) throw error;
    throw explained(error);
  } finally {
    progress.stop();
  }
  progress.say(`Installed in ${progress.elapsed()}.`);
}

/** A failure of our own (no npm, no right to write) in the words of one of npm's. */
function explained(error) {
  const lines = [`npm error code ${error.code}`, `npm error ${error.message}`];
  return new Error(explainFailure(lines), { cause: error });
}

function ownerOf(file) {
  try {
    const pid = Number(fs.readFileSync(file, 'utf8'));
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return error.code === 'EPERM' ? 'another user' : undefined;
  }
}

function take(file) {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw explained(error);
  }
}

/** On a fresh clone `npm start` and `npm test` may run side by side: one installs, one waits. */
async function withInstallLock(root, work) {
  const file = path.join(root, '.install-lock');
  let told = false;
  while (!take(file)) {
    const owner = ownerOf(file);
    if (owner === undefined) {
      fs.rmSync(file, { force: true }); // left by a killed install
      continue;
    }
    if (!told) console.error(`medconnect: waiting for the install of process ${owner} …`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, lockWaitMs));
  }
  try {
    return await work();
  } finally {
    fs.rmSync(file, { force: true });
  }
}

module.exports = { install, withInstallLock };
