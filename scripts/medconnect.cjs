#!/usr/bin/env node
'use strict';
// The program as a command: npx medconnect load … · npm run medconnect -- verify-audit …
const path = require('node:path');
const { root } = require('./bootstrap.cjs');
const { run } = require('./run.cjs');

void run([path.join(root, 'src', 'main.ts'), ...process.argv.slice(2)], { dev: false });
