import { beforeAll, describe, expect, test } from 'vitest';

describe('gate', () => {
  test('opens {', () => {});
  test.skip('rusts', () => {});
  test.todo('shuts');
  test('says what it saw', () => { expect('car\nok 1\n').toBe('bus'); });
  describe('at night', () => { test('is locked', () => {}); });
});

describe('yard', () => {
  beforeAll(() => { throw new Error('no yard'); });
  test('is empty', () => {});
});
