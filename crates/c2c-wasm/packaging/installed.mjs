// The packed tarball, installed as a user would, into a fresh project under target/.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = process.env.C2C_TARGET ?? fileURLToPath(new URL('../../../target', import.meta.url));

/** Makes a project with nothing but the package, and answers its folder. */
export function install() {
  const tarball = readdirSync(target).find((name) => /^ilp-c2c-.*\.tgz$/.test(name));
  if (tarball === undefined) throw new Error('no tarball in target: run `cargo xtask npm` first');
  mkdirSync(join(target, 'npm-tests'), { recursive: true });
  const project = mkdtempSync(join(target, 'npm-tests', 'project-'));
  writeFileSync(join(project, 'package.json'), '{ "private": true }\n');
  execFileSync(
    'npm',
    ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', join(target, tarball)],
    { cwd: project, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return project;
}

/** Runs a program in a project and answers what it printed, line by line. */
export function run(project, name, source) {
  const file = join(project, name);
  writeFileSync(file, source);
  const printed = execFileSync(process.execPath, [file], { cwd: project, encoding: 'utf8' });
  return printed.trimEnd().split('\n');
}
