// House rules that a tool can check beyond the linter. Prints `file:line: rule`, exits 1 on any.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ERROR_CODES } from '@argosy/base';

const root = join(import.meta.dirname, '..');
const problems: string[] = [];

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
})
  .split('\n')
  .filter((file) => file !== '' && existsSync(join(root, file)));

const sources = files.filter((file) => /\.(ts|js)$/.test(file) && !file.includes('/gen/'));

/** File names are kebab-case nouns. */
function checkNames(): void {
  for (const file of sources) {
    const name = basename(file).replace(/\.(test|integration\.test|config|d)?\.?(ts|js)$/, '');
    if (!/^[a-z0-9]+([.-][a-z0-9]+)*$/.test(name)) report(file, 1, 'file names are kebab-case');
  }
}

/** A test file opens with what it covers and what it leaves out. */
function checkTestHeaders(): void {
  for (const file of sources.filter((name) => name.endsWith('.test.ts'))) {
    if (!/^\/[/*]/.test(read(file))) {
      report(file, 1, 'a test file opens with a comment: what it covers, what it leaves out');
    }
  }
}

/** No notes to self, no debugging output, no skipped tests, no path of a developer's machine. */
function checkDebris(): void {
  const rules: readonly (readonly [RegExp, string])[] = [
    [/\b(TODO|FIXME|XXX|HACK)\b/, 'say it in an issue, not in the code'],
    [
      /\b(it|describe|test)\.(only|skip)\(/,
      'no focused or skipped tests; use a loud runtime check',
    ],
    [/\bdebugger\b/, 'no debugger statements'],
    [/\/(home|root|Users)\/[a-z]+\//, "no paths of one person's machine"],
    [/@ts-(ignore|nocheck)/, 'no switched-off type checks'],
  ];
  for (const file of sources.filter((name) => name !== 'tools/tidy.ts')) {
    read(file)
      .split('\n')
      .forEach((line, index) => {
        for (const [pattern, rule] of rules) {
          if (pattern.test(line)) report(file, index + 1, rule);
        }
      });
  }
}

/** console is for the command line; everything else logs through telemetry. */
function checkConsole(): void {
  const product = sources.filter(
    (file) => /^(libs|services)\//.test(file) && !/\.test\.ts$|\/testing\//.test(file),
  );
  for (const file of product) {
    read(file)
      .split('\n')
      .forEach((line, index) => {
        if (/\bconsole\.\w+\(/.test(line)) report(file, index + 1, 'log through libs/telemetry');
      });
  }
}

/** Every package says what it is and where it stands; none is empty. */
function checkPackages(): void {
  for (const file of files.filter((name) =>
    /^(libs|services|apps)\/[^/]+\/package\.json$/.test(name),
  )) {
    const pkg = JSON.parse(read(file)) as { description?: string; nx?: { tags?: string[] } };
    if (!pkg.description) report(file, 1, 'a package has a description');
    if (!pkg.nx?.tags?.some((tag) => tag.startsWith('layer:'))) {
      report(file, 1, 'a package has a layer tag');
    }
    const folder = `${dirname(file)}/src/`;
    if (!files.includes(`${folder}index.ts`)) report(file, 1, 'a package has src/index.ts');
  }
}

/** docs/reference/errors.md lists exactly the error codes. */
function checkErrorTable(): void {
  const file = 'docs/reference/errors.md';
  const text = existsSync(join(root, file)) ? read(file) : '';
  const documented = new Set(Array.from(text.matchAll(/^\| `([A-Z_]+)`/gm), (match) => match[1]));
  for (const code of Object.keys(ERROR_CODES)) {
    if (!documented.has(code)) report(file, 1, `the error code ${code} is not documented`);
    documented.delete(code);
  }
  for (const code of documented) report(file, 1, `${String(code)} is no error code`);
}

/** Links between documents lead somewhere. */
function checkLinks(): void {
  for (const file of files.filter((name) => name.endsWith('.md'))) {
    read(file)
      .split('\n')
      .forEach((line, index) => {
        for (const [, target = ''] of line.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
          if (/^[a-z]+:/.test(target)) continue;
          if (!existsSync(join(root, dirname(file), target))) {
            report(file, index + 1, `the link ${target} leads nowhere`);
          }
        }
      });
  }
}

const texts = new Map<string, string>();

function read(file: string): string {
  const known = texts.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(join(root, file), 'utf8');
  texts.set(file, text);
  return text;
}

function report(file: string, line: number, rule: string): void {
  problems.push(`${file}:${line}: ${rule}`);
}

checkNames();
checkTestHeaders();
checkDebris();
checkConsole();
checkPackages();
checkErrorTable();
checkLinks();

if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n${problems.length} problems\n`);
  process.exit(1);
}
process.stdout.write(`tidy: ${files.length} files, no problems\n`);
