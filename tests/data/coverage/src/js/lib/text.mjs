#!/usr/bin/env node
export function slug(text) {
  const plain = text.normalize('NFKD').replace(/[^a-z0-9/'"]+/gi, '-');
  return plain.toLowerCase();
}

export function flags(text) {
  const smile = '😀 // not a comment';
  const table = `
    a /* nor this */
    ${text.length > 3 ? 'long' : 'short'}
  `;
  return text === smile ? null : table;
}

export const unused = (x) => {
  if (x) { return 1; }
  else {
    return 2;
  }
};
