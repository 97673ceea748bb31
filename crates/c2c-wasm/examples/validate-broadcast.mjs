#!/usr/bin/env node
// A validator of route broadcasts for the command line.
//
//   node validate-broadcast.mjs [--cited] FILE…      `-` reads standard input
//
// Each fault is told with its line, column and cure. Exit code 0: all pass; 1: one does not; 2: wrong usage.
import { readFileSync } from 'node:fs';
import { parseUpdate } from 'ilp-c2c';

const words = process.argv.slice(2);
const profile = words[0] === '--cited' ? 'cited' : 'deployed';
const files = profile === 'cited' ? words.slice(1) : words;
if (files.length === 0) {
  console.error('usage: validate-broadcast [--cited] FILE…');
  process.exit(2);
}
for (const file of files) {
  const read = parseUpdate(readFileSync(file === '-' ? 0 : file), { profile });
  if (read.ok) {
    const { newRoutes, unusable, unreachableThroughMe } = read.update;
    console.log(`${file}: ${newRoutes.length} routes, ${unreachableThroughMe.length} withdrawn`);
    for (const { index, member, message } of unusable) console.log(`  route ${index}, ${member}: ${message}`);
    newRoutes.forEach(({ destinationLedger, skipped }) => {
      if (skipped !== undefined) console.log(`  ${destinationLedger} is passed over: ${skipped}`);
    });
  } else {
    process.exitCode = 1;
    for (const { line, column, path, message, hint } of read.errors) {
      console.log(`${file}:${line}:${column}: ${path}: ${message} ${hint}`);
    }
  }
}
