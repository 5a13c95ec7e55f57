{{#if js_files}}
// Imports every file of {{name}}: what cannot be imported cannot work.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const MODULE = fileURLToPath(new URL('..', import.meta.url));
const FILES = [
{{#each js_files}}
  {{string path}},
{{/each}}
];
// What is missing here and there in a browser.
const BROWSER = /^(customElements|document|HTMLElement|localStorage|navigator|window) is not defined$/;

const load = (file) => import(pathToFileURL(join(MODULE, file)));
const needsBrowser = (error) => error instanceof ReferenceError && BROWSER.test(error.message);

for (const file of FILES) {
  test(`${file} can be imported`, async (t) => {
    try {
      await load(file);
    } catch (error) {
      if (!needsBrowser(error)) throw error;
      t.skip('it needs a browser');
    }
  });
}
{{#if js_apis}}

async function exportsOf(file) {
  try {
    const loaded = await load(file);
    return [...Object.keys(loaded), ...Object.keys(loaded.default ?? {})];
  } catch (error) {
    if (!needsBrowser(error)) throw error;
    return [];
  }
}

const APIS = [
{{#each js_apis}}
  {{string name}},
{{/each}}
];

for (const api of APIS) {
  test(`${api} is exported`, async () => {
    const names = (await Promise.all(FILES.map(exportsOf))).flat();
    assert.ok(names.includes(api), `no file exports ${api}`);
  });
}
{{/if}}
{{/if}}
